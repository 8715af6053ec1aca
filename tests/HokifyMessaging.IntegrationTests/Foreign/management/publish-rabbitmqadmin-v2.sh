#!/bin/sh
# Asks for an import: RABBITMQ_HOST=broker MANAGEMENT_PORT=15672 VHOST=/ RABBITMQ_USER=… RABBITMQ_PASSWORD=… sh publish-rabbitmqadmin-v2.sh '{"scopeId":1,"idempotencyKey":"nightly"}'
answer=$(rabbitmqadmin --host "$RABBITMQ_HOST" --port "$MANAGEMENT_PORT" --vhost "$VHOST" --username "$RABBITMQ_USER" --password "$RABBITMQ_PASSWORD" \
    publish message --exchange hokify.import-requested --properties '{"content_type":"application/json","delivery_mode":2}' --payload "$1")
echo "$answer"
[ "$answer" = 'Message published and routed successfully' ]
