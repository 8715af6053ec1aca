#!/bin/sh
# Runs RabbitMQ in a container until standard input closes, then removes it. The test process holds the other end of
# standard input: the container goes away even if that process is killed.
#
# Arguments: the docker program, the image, user and password.
# Lines of output: where AMQP, and where the management API is published.

exec 3<&0 </dev/null

# Plugins are enabled inside: the engine may run on a machine that does not see our files.
container=$("$1" run --detach --rm \
    --publish 127.0.0.1::5672 --publish 127.0.0.1::15672 \
    --env "RABBITMQ_DEFAULT_USER=$3" --env "RABBITMQ_DEFAULT_PASS=$4" \
    --env 'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-rabbit collect_statistics_interval 500' \
    "$2" sh -c 'rabbitmq-plugins enable --offline rabbitmq_management rabbitmq_shovel rabbitmq_shovel_management && exec docker-entrypoint.sh rabbitmq-server') || exit 1
trap '' HUP INT TERM

"$1" port "$container" 5672/tcp
"$1" port "$container" 15672/tcp
read -r _ <&3
"$1" rm --force "$container" >/dev/null
