#!/bin/bash
# Writes all that MongoDB holds, as of one moment, into one archive, and removes archives older than KEEP_DAYS. An archive
# has its name only when it is whole and can be read; old ones go only after that.
set -euo pipefail

name="orders-$(date -u +%Y-%m-%dT%H-%M-%SZ).archive.gz"
part="$BACKUPS/$name.part"
# What a run that was killed has left.
find "$BACKUPS" -name '*.part' -mmin +720 -delete

mongodump --uri="$MONGO_URI" --oplog --gzip --archive="$part"
gzip --test "$part"
mv "$part" "$BACKUPS/$name"
echo "wrote $name: $(stat --format=%s "$BACKUPS/$name") bytes"

find "$BACKUPS" -name 'orders-*.archive.gz' -mtime "+$KEEP_DAYS" -print -delete
