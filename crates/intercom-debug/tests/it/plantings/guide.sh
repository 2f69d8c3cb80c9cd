#!/bin/sh
# Collects the lines of logs that are about Intercom, and masks what looks like a secret or a person.
set -eu
export LC_ALL=C
for log in "$@"; do
    printf '== %s\n' "$(basename "$log")"
    grep -a -i -e intercom -e request_id "$log" | tail -n 1000 || true
done | sed -E \
    -e 's/(Bearer|Basic) +[A-Za-z0-9._~+\/=-]+/\1 [TOKEN]/g' \
    -e 's/(access_token|client_secret|password|token)("?[=: ]+"?)[^" ,&}]+/\1\2[SECRET]/g' \
    -e 's/dG9r[A-Za-z0-9+\/=]+/[TOKEN]/g' \
    -e 's/[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}/[EMAIL]/g' \
    -e 's/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/[UUID]/g' \
    -e 's/[0-9a-f]{24}/[ID]/g' \
    -e 's/\+?[0-9]{1,3}[ .-]?\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}/[PHONE]/g' \
    -e 's/([?&](email|name|phone)=)[^& ]+/\1[HIDDEN]/g' \
    -e 's/("(email|name|phone)" *: *")[^"]*/\1[HIDDEN]/g'
