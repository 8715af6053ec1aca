#!/bin/sh
# Gives the broker the service's user, then virtual host, permissions, topology and policy, as its operator. Doing it again changes nothing.
# Passwords come from files and reach curl by its standard input: they stand on no command line and in no environment.
set -eu

secrets=${SECRETS:-/run/secrets}
api=${MANAGEMENT:-http://rabbitmq:15672}/api

send() {
    printf 'user = "operator:%s"\n%s\n' "$(cat "$secrets/rabbitmq_operator_password")" "$1" |
        curl --config - --fail-with-body --silent --show-error --header 'Content-Type: application/json' "$api/$2"
}

# The tag lets 'hokify queues' look at the queues that the permissions open; it administers nothing.
send "request = PUT
data-binary = \"{\\\"password\\\":\\\"$(cat "$secrets/rabbitmq_password")\\\",\\\"tags\\\":\\\"management\\\"}\"" users/hokify
send "data-binary = \"@${DEFINITIONS:-/definitions.json}\"" definitions
