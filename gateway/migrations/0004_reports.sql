-- The figures that operations look at.

CREATE VIEW queue_age AS
SELECT
    count(*) AS queued,
    coalesce(
        percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM now() - created_at)), 0
    )::numeric(12, 3) AS p95_seconds,
    coalesce(max(extract(epoch FROM now() - created_at)), 0)::numeric(12, 3) AS oldest_seconds
FROM email_outbox
WHERE state = 'queued';

CREATE VIEW daily_success AS
SELECT
    date_trunc('day', created_at) AS day,
    count(*) FILTER (WHERE state = 'sent') AS sent,
    count(*) FILTER (WHERE state = 'failed') AS failed,
    round(
        100.0 * count(*) FILTER (WHERE state = 'sent') / nullif(count(*) FILTER (WHERE state <> 'queued'), 0), 2
    ) AS success_percent
FROM email_outbox
GROUP BY 1;
