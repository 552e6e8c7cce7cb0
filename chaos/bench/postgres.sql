-- The purchase of the loyalty engine as a PostgreSQL developer would write it: one stored procedure, one round
-- trip, the same rules, and a row where the engine writes a value. It is meant to be fast: prepared, no
-- triggers, no foreign keys, no dynamic SQL, lines and postings as arrays in their row as in the engine's records.
--
-- Work done, as in loyalty/engine/confirm.py: request id known? receipt known? member locked; spending limited by
-- line and receipt, lots drawn soonest end first; spent and earned points spread over the lines by largest
-- remainder; a new lot; receipt with lines, movement with balanced postings, member's sums, request with outcome.

CREATE TABLE member (
    id              bigint PRIMARY KEY,
    lots            int    NOT NULL DEFAULT 0,
    active_points   bigint NOT NULL DEFAULT 0,
    future_points   bigint NOT NULL DEFAULT 0,
    next_change_ms  bigint NOT NULL DEFAULT 9223372036854775807  -- when the sums above are next out of date
) WITH (fillfactor = 70);

CREATE TABLE lot (
    member          bigint NOT NULL,
    lot             int    NOT NULL,
    points          bigint NOT NULL,
    active_from_ms  bigint NOT NULL,
    active_until_ms bigint NOT NULL,
    receipt_seq     bigint NOT NULL,
    PRIMARY KEY (member, lot)
);
CREATE INDEX lot_spending ON lot (member, active_until_ms, active_from_ms, lot) WHERE points > 0;

CREATE TABLE receipt (
    store           int      NOT NULL,
    terminal        int      NOT NULL,
    number          bigint   NOT NULL,
    business_day    int      NOT NULL,
    seq             bigint   NOT NULL,
    member          bigint   NOT NULL,
    skus            text[]   NOT NULL,
    quantities      bigint[] NOT NULL,
    amounts         bigint[] NOT NULL,
    line_spent      bigint[] NOT NULL,
    line_earned     bigint[] NOT NULL,
    drawn_lots      int[]    NOT NULL,
    drawn_points    bigint[] NOT NULL,
    earned_lot      int      NOT NULL,
    PRIMARY KEY (store, terminal, number, business_day)
);

CREATE TABLE movement (
    member          bigint     NOT NULL,
    seq             bigint     NOT NULL,
    time_ms         bigint     NOT NULL,
    points          bigint     NOT NULL,
    accounts        smallint[] NOT NULL,
    refs            bigint[]   NOT NULL,
    posted          bigint[]   NOT NULL,  -- sums to zero
    PRIMARY KEY (member, seq)
);

CREATE TYPE purchase_input AS (
    request_id      bytea,
    store           int,
    terminal        int,
    number          bigint,
    business_day    int,
    member          bigint,
    skus            text[],
    quantities      bigint[],
    amounts         bigint[],
    spend_points    bigint
);

CREATE TYPE purchase_outcome AS (
    code            smallint,  -- 0 done, else the rejection
    seq             bigint,
    amount_minor    bigint,
    spent_points    bigint,
    earned_points   bigint,
    earned_lot      int,
    line_spent      bigint[],
    line_earned     bigint[],
    active_points   bigint,
    future_points   bigint
);

CREATE TABLE request (
    actor           text             NOT NULL,
    request_id      bytea            NOT NULL,
    digest          bigint           NOT NULL,
    time_ms         bigint           NOT NULL,
    outcome         purchase_outcome NOT NULL,
    PRIMARY KEY (actor, request_id)
);
CREATE INDEX request_age ON request (time_ms);  -- for forgetting after 35 days

CREATE SEQUENCE entry_seq CACHE 1;

-- Whole parts of `total` in proportion to `weights`, none above its cap; the rest to the largest remainders,
-- earlier line first.
CREATE FUNCTION spread(total bigint, weights bigint[], caps bigint[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    n      int := cardinality(weights);
    weight bigint := 0;
    parts  bigint[] := '{}';
    rest   bigint[] := '{}';
    left_  bigint := total;
    part   bigint;
    best   int;
BEGIN
    FOR i IN 1..n LOOP
        weight := weight + weights[i];
    END LOOP;
    IF total = 0 OR weight = 0 THEN
        RETURN array_fill(0::bigint, ARRAY[n]);
    END IF;
    FOR i IN 1..n LOOP
        part := least(total * weights[i] / weight, caps[i]);
        parts := parts || part;
        rest := rest || (total * weights[i] % weight);
        left_ := left_ - part;
    END LOOP;
    WHILE left_ > 0 LOOP
        best := 0;
        FOR i IN 1..n LOOP
            IF parts[i] < caps[i] AND (best = 0 OR rest[i] > rest[best]) THEN
                best := i;
            END IF;
        END LOOP;
        EXIT WHEN best = 0;
        parts[best] := parts[best] + 1;
        rest[best] := -1;
        left_ := left_ - 1;
    END LOOP;
    RETURN parts;
END $$;

CREATE FUNCTION purchase(p purchase_input) RETURNS purchase_outcome
LANGUAGE plpgsql AS $$
DECLARE
    line_limit  CONSTANT bigint := 3000;
    earn_points CONSTANT bigint := 5;
    earn_per    CONSTANT bigint := 100;
    day_ms      CONSTANT bigint := 86400000;
    window_days CONSTANT bigint := 365;
    never_ms    CONSTANT bigint := 9223372036854775807;
    n        int := cardinality(p.amounts);
    now_ms   bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    digest_  bigint := hash_record_extended(p, 0);
    m        member;
    known    request;
    l        lot;
    result   purchase_outcome;
    amount   bigint := 0;
    caps     bigint[] := '{}';
    paid     bigint[] := '{}';
    most     bigint := 0;
    points   bigint;
    part     bigint;
    earned   bigint;
    from_ms  bigint;
    seq_     bigint;
    drawn    int[] := '{}';
    drawn_points bigint[] := '{}';
    accounts smallint[] := '{}';
    refs     bigint[] := '{}';
    posted   bigint[] := '{}';
BEGIN
    SELECT * INTO m FROM member WHERE id = p.member FOR UPDATE;
    IF NOT FOUND THEN
        result.code := 50;
        RETURN result;
    END IF;
    SELECT * INTO known FROM request WHERE actor = 'anonymous' AND request_id = p.request_id;
    IF FOUND THEN
        result := known.outcome;
        IF known.digest <> digest_ THEN
            result.code := 11;
        END IF;
        RETURN result;
    END IF;
    PERFORM 1 FROM receipt WHERE store = p.store AND terminal = p.terminal AND number = p.number
        AND business_day = p.business_day;
    IF FOUND THEN
        result.code := 51;
        RETURN result;
    END IF;
    IF m.next_change_ms <= now_ms THEN  -- a window began or ended: the sums anew
        SELECT coalesce(sum(lot.points) FILTER (WHERE active_from_ms <= now_ms), 0),
               coalesce(sum(lot.points) FILTER (WHERE active_from_ms > now_ms), 0),
               coalesce(min(CASE WHEN active_from_ms > now_ms THEN active_from_ms ELSE active_until_ms END), never_ms)
          INTO m.active_points, m.future_points, m.next_change_ms
          FROM lot WHERE member = m.id AND lot.points > 0 AND active_until_ms > now_ms;
    END IF;

    FOR i IN 1..n LOOP
        amount := amount + p.amounts[i];
        caps := caps || (p.amounts[i] * line_limit / 10000);
        most := most + caps[i];
    END LOOP;
    points := least(p.spend_points, most, amount * line_limit / 10000, m.active_points);
    result.line_spent := spread(points, p.amounts, caps);
    FOR i IN 1..n LOOP
        paid := paid || (p.amounts[i] - result.line_spent[i]);
    END LOOP;
    earned := (amount - points) * earn_points / earn_per;
    result.line_earned := spread(earned, paid, array_fill(earned, ARRAY[n]));
    seq_ := nextval('entry_seq');

    part := points;
    IF part > 0 THEN
        FOR l IN SELECT * FROM lot WHERE member = m.id AND lot.points > 0 AND active_until_ms > now_ms
                 AND active_from_ms <= now_ms ORDER BY active_until_ms, active_from_ms, lot LOOP
            EXIT WHEN part = 0;
            drawn := drawn || l.lot;
            drawn_points := drawn_points || least(part, l.points);
            UPDATE lot SET points = lot.points - least(part, l.points) WHERE member = m.id AND lot.lot = l.lot;
            accounts := accounts || 2::smallint;
            refs := refs || l.lot::bigint;
            posted := posted || -least(part, l.points);
            part := part - least(part, l.points);
        END LOOP;
        accounts := accounts || 4::smallint;
        refs := refs || p.store::bigint;
        posted := posted || points;
    END IF;
    IF earned > 0 THEN
        m.lots := m.lots + 1;
        from_ms := (now_ms / day_ms + 1) * day_ms;
        INSERT INTO lot VALUES (m.id, m.lots, earned, from_ms, from_ms + window_days * day_ms, seq_);
        m.future_points := m.future_points + earned;
        m.next_change_ms := least(m.next_change_ms, from_ms);
        accounts := accounts || ARRAY[1, 2]::smallint[];
        refs := refs || ARRAY[0, m.lots]::bigint[];
        posted := posted || ARRAY[-earned, earned];
    END IF;
    m.active_points := m.active_points - points;

    INSERT INTO receipt VALUES (p.store, p.terminal, p.number, p.business_day, seq_, m.id, p.skus, p.quantities,
        p.amounts, result.line_spent, result.line_earned, drawn, drawn_points, m.lots);
    INSERT INTO movement VALUES (m.id, seq_, now_ms, earned - points, accounts, refs, posted);
    UPDATE member SET lots = m.lots, active_points = m.active_points, future_points = m.future_points,
        next_change_ms = m.next_change_ms WHERE id = m.id;

    result.code := 0;
    result.seq := seq_;
    result.amount_minor := amount;
    result.spent_points := points;
    result.earned_points := earned;
    result.earned_lot := m.lots;
    result.active_points := m.active_points;
    result.future_points := m.future_points;
    INSERT INTO request VALUES ('anonymous', p.request_id, digest_, now_ms, result);
    RETURN result;
END $$;

-- So many members, each with welcome points.
CREATE FUNCTION enrol(how_many int, welcome bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO member (id, lots, active_points, next_change_ms)
        SELECT i, 1, welcome, (extract(epoch FROM now()) * 1000)::bigint + 7776000000
        FROM generate_series(1, how_many) i;
    INSERT INTO lot SELECT i, 1, welcome, 0, (extract(epoch FROM now()) * 1000)::bigint + 7776000000, 0
        FROM generate_series(1, how_many) i;
$$;
