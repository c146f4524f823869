"""Identity: tenants, users, memberships, sessions, keys, second factors, throttles."""

from alembic import op

from migrations.helpers import lookup, protect, system_may

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    create_tenants()
    create_users()
    create_sessions()
    create_api_keys()
    create_functions()


def create_tenants() -> None:
    op.execute("""
    create table specie.tenant (
        id uuid primary key,
        slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
        name text not null check (length(name) between 1 and 200),
        mode text not null check (mode in ('live', 'sandbox')),
        twin_id uuid not null,
        time_zone text not null,
        cut_off time not null,
        branding jsonb not null,
        created_at timestamptz not null
    );
    alter table specie.tenant enable row level security;
    alter table specie.tenant force row level security;
    create policy tenant_isolation on specie.tenant
        using (id = (select specie.app_tenant())) with check (id = (select specie.app_tenant()));
    create policy auditor_reads on specie.tenant for select to specie_auditor using (true);
    grant select, insert, update on specie.tenant to specie_app;
    grant select on specie.tenant to specie_auditor;

    -- From a public name, or from nothing at all, to a tenant; it says nothing else about it.
    create table specie.tenant_lookup (
        slug text primary key,
        of_tenant uuid not null unique,
        mode text not null,
        created_at timestamptz not null
    );
    """)
    system_may("tenant", "select")
    lookup("tenant_lookup", grants="select, insert")


def create_users() -> None:
    op.execute("""
    create table specie.app_user (
        id uuid primary key,
        email_index bytea not null constraint app_user_email unique,
        data_key bytea,
        email_sealed bytea not null,
        name_sealed bytea not null,
        password_hash text,
        is_disabled boolean not null default false,
        created_at timestamptz not null,
        password_changed_at timestamptz
    );

    create table specie.membership (
        tenant_id uuid not null,
        id uuid not null,
        user_id uuid not null references specie.app_user (id),
        role text not null,
        party_id uuid,
        created_at timestamptz not null,
        primary key (tenant_id, id),
        constraint membership_once unique (tenant_id, user_id)
    );
    create index membership_by_user on specie.membership (user_id);

    create table specie.membership_lookup (
        user_id uuid not null references specie.app_user (id),
        of_tenant uuid not null,
        primary key (user_id, of_tenant)
    );

    create table specie.totp (
        user_id uuid primary key references specie.app_user (id),
        seed_sealed bytea not null,
        confirmed_at timestamptz,
        last_step bigint not null default 0,
        failures integer not null default 0,
        blocked_until timestamptz
    );

    create table specie.recovery_code (
        user_id uuid not null references specie.app_user (id),
        number smallint not null,
        hash text not null,
        used_at timestamptz,
        primary key (user_id, number)
    );

    create table specie.password_reset (
        digest bytea primary key,
        user_id uuid not null references specie.app_user (id),
        expires_at timestamptz not null,
        used_at timestamptz
    );
    create index password_reset_by_user on specie.password_reset (user_id);

    create table specie.login_throttle (
        key bytea primary key,
        failures integer not null,
        since timestamptz not null,
        blocked_until timestamptz
    );
    """)
    protect("membership", grants="select, insert, update, delete")
    lookup("app_user", grants="select, insert, update")
    lookup("membership_lookup", grants="select, insert, delete")
    lookup("totp", grants="select, insert, update, delete")
    lookup("recovery_code", grants="select, insert, update, delete")
    lookup("password_reset", grants="select, insert, update")
    lookup("login_throttle", grants="select, insert, update, delete")


def create_sessions() -> None:
    op.execute("""
    create table specie.session (
        id uuid primary key,
        user_id uuid not null references specie.app_user (id),
        kind text not null check (kind in ('browser', 'token')),
        -- The cookie's digest; a token session is found by its id, signed into the token.
        digest bytea constraint session_digest unique,
        current_tenant uuid not null,
        created_at timestamptz not null,
        seen_at timestamptz not null,
        expires_at timestamptz not null,
        step_up_at timestamptz not null,
        ended_at timestamptz,
        end_reason text,
        address inet,
        agent text not null
    );
    create index session_by_user on specie.session (user_id, created_at) where ended_at is null;

    create table specie.refresh_token (
        digest bytea primary key,
        session_id uuid not null references specie.session (id),
        expires_at timestamptz not null,
        used_at timestamptz,
        used_by bytea
    );
    create index refresh_token_by_session on specie.refresh_token (session_id);
    """)
    lookup("session", grants="select, insert, update")
    lookup("refresh_token", grants="select, insert, update")


def create_api_keys() -> None:
    op.execute("""
    create table specie.api_key (
        tenant_id uuid not null,
        id uuid not null,
        digest bytea not null,
        name text not null,
        hint text not null,
        permissions text[] not null,
        party_id uuid,
        networks cidr[] not null,
        created_by text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        revoked_at timestamptz,
        rotated_to uuid,
        last_used_at timestamptz,
        last_used_address inet,
        primary key (tenant_id, id)
    );

    create table specie.api_key_lookup (
        digest bytea primary key,
        of_tenant uuid not null,
        key_id uuid not null
    );
    """)
    protect("api_key", grants="select, insert, update")
    lookup("api_key_lookup", grants="select, insert")


def create_functions() -> None:
    # They run with the caller's rights and under its row security: each names the tenant that a look-up table
    # gave, reads that tenant's row, and answers in the one round trip a request can afford.
    op.execute("""
    create function specie.tenant_of(p_tenant uuid)
    returns table (id uuid, slug text, name text, mode text, twin_id uuid, time_zone text, cut_off time,
                   branding jsonb, created_at timestamptz, offset_seconds bigint)
    language plpgsql volatile as $$
    declare
        before text := coalesce(current_setting('app.tenant_id', true), '');
    begin
        perform set_config('app.tenant_id', p_tenant::text, true);
        return query
            select t.id, t.slug, t.name, t.mode, t.twin_id, t.time_zone, t.cut_off, t.branding, t.created_at,
                   coalesce(c.offset_seconds, 0)
            from specie.tenant t left join specie.tenant_clock c on c.tenant_id = t.id
            where t.id = p_tenant;
        perform set_config('app.tenant_id', before, true);
    end $$;

    create function specie.memberships_of(p_user uuid)
    returns table (tenant_id uuid, tenant_name text, mode text, id uuid, role text, party_id uuid,
                   created_at timestamptz)
    language plpgsql volatile as $$
    declare
        before text := coalesce(current_setting('app.tenant_id', true), '');
        found uuid;
    begin
        for found in select l.of_tenant from specie.membership_lookup l where l.user_id = p_user loop
            perform set_config('app.tenant_id', found::text, true);
            return query
                select t.id, t.name, t.mode, m.id, m.role, m.party_id, m.created_at
                from specie.membership m join specie.tenant t on t.id = m.tenant_id
                where m.tenant_id = found and m.user_id = p_user;
        end loop;
        perform set_config('app.tenant_id', before, true);
    end $$;

    create function specie.key_access(p_digest bytea, p_now timestamptz, p_address inet)
    returns table (tenant_id uuid, mode text, time_zone text, cut_off time, offset_seconds bigint, key_id uuid,
                   permissions text[], party_id uuid, is_revoked boolean, is_expired boolean,
                   address_allowed boolean)
    language plpgsql volatile as $$
    declare
        known specie.api_key_lookup;
    begin
        select l.* into known from specie.api_key_lookup l where l.digest = p_digest;
        if not found then
            return;
        end if;
        perform set_config('app.tenant_id', known.of_tenant::text, true);
        update specie.api_key k set last_used_at = p_now, last_used_address = p_address
            where k.tenant_id = known.of_tenant and k.id = known.key_id
              and (k.last_used_at is null or k.last_used_at < p_now - interval '1 minute')
              and k.revoked_at is null and k.expires_at > p_now
              and (k.networks = '{}' or p_address <<= any (k.networks));
        return query
            select t.id, t.mode, t.time_zone, t.cut_off, coalesce(c.offset_seconds, 0), k.id, k.permissions,
                   k.party_id, k.revoked_at is not null, k.expires_at <= p_now,
                   k.networks = '{}' or coalesce(p_address <<= any (k.networks), false)
            from specie.api_key k
            join specie.tenant t on t.id = k.tenant_id
            left join specie.tenant_clock c on c.tenant_id = k.tenant_id
            where k.tenant_id = known.of_tenant and k.id = known.key_id and k.digest = p_digest;
    end $$;

    create function specie.session_access(p_id uuid, p_digest bytea, p_now timestamptz)
    returns table (session_id uuid, user_id uuid, kind text, tenant_id uuid, mode text, time_zone text,
                   cut_off time, offset_seconds bigint, role text, party_id uuid, is_ended boolean,
                   is_expired boolean, step_up_at timestamptz)
    language plpgsql volatile as $$
    declare
        known specie.session;
        disabled boolean;
    begin
        if p_digest is not null then
            select s.* into known from specie.session s where s.digest = p_digest;
        else
            select s.* into known from specie.session s where s.id = p_id and s.kind = 'token';
        end if;
        if not found then
            return;
        end if;
        select u.is_disabled into disabled from specie.app_user u where u.id = known.user_id;
        if known.ended_at is null and known.seen_at < p_now - interval '1 minute' then
            update specie.session s set seen_at = p_now where s.id = known.id;
        end if;
        perform set_config('app.tenant_id', known.current_tenant::text, true);
        return query
            select known.id, known.user_id, known.kind, t.id, t.mode, t.time_zone, t.cut_off,
                   coalesce(c.offset_seconds, 0), m.role, m.party_id,
                   known.ended_at is not null or disabled or m.role is null,
                   known.expires_at <= p_now, known.step_up_at
            from specie.tenant t
            left join specie.membership m on m.tenant_id = t.id and m.user_id = known.user_id
            left join specie.tenant_clock c on c.tenant_id = t.id
            where t.id = known.current_tenant;
    end $$;
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
