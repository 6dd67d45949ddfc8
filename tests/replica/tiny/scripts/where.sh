#!/bin/bash
echo "$DB_HOST:$DB_PORT"
psql -h localhost -p 5432 -U postgres -d email_gateway -Atc 'SELECT 1'
