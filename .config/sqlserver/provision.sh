#!/bin/sh
# Gives SQL Server the service's database, login and rights, as its administrator: runs provision.sql. Doing it again changes nothing.
# Passwords come from files and stand on no command line: the administrator's reaches sqlcmd by its environment, the service's in a file that nobody else reads.
set -eu

secrets=${SECRETS:-/run/secrets}
administrator=$(cat "$secrets/mssql_sa_password")
password=$(cat "$secrets/mssql_password")
if [ -z "$password" ] || [ "$(printf '%s' "$password" | wc -l)" -ne 0 ]; then
    echo "$secrets/mssql_password must be one line." >&2
    exit 1
fi

script=$(mktemp)
trap 'rm -f "$script"' EXIT
trap 'exit 1' HUP INT TERM

# What ends the value for sqlcmd (") or the text in the script (') is doubled.
variable() {
    printf ':setvar %s "%s"\n' "$1" "$(printf '%s' "$2" | sed "s/[\"']/&&/g")"
}

{
    variable Database "${DATABASE:-Hokify}"
    variable Login "${LOGIN:-hokify}"
    variable Schema "${SCHEMA:-dbo}"
    variable Password "$password"
    cat "${SCRIPT:-/provision.sql}"
} > "$script"

SQLCMDPASSWORD=$administrator "${SQLCMD:-/opt/mssql-tools18/bin/sqlcmd}" -C -S "${SERVER:-sqlserver}" -U "${ADMINISTRATOR:-sa}" -b -r 1 -i "$script"
