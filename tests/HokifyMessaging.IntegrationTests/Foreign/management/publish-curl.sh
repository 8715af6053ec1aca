#!/bin/sh
# Asks for an import: MANAGEMENT_URL=http://broker:15672 VHOST=%2F RABBITMQ_USER=… RABBITMQ_PASSWORD=… sh publish-curl.sh '{"scopeId":1,"idempotencyKey":"nightly"}'
payload=$(printf '%s' "$1" | base64 | tr -d '\n')
answer=$(curl --silent --show-error --fail-with-body --user "$RABBITMQ_USER:$RABBITMQ_PASSWORD" \
    --header 'Content-Type: application/json' \
    --data '{"routing_key":"","properties":{"content_type":"application/json","delivery_mode":2},"payload_encoding":"base64","payload":"'"$payload"'"}' \
    "$MANAGEMENT_URL/api/exchanges/$VHOST/hokify.import-requested/publish")
if [ "$answer" != '{"routed":true}' ]; then
    echo "Nobody received the request: $answer" >&2
    exit 1
fi
