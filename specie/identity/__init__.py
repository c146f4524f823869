"""Identity: who people and servers are, which tenants they belong to, and what they may do there.

Owns tenants, users, memberships, sessions, tokens, second factors and API keys. It is the only place where a Scope is
made, so holding one proves that somebody was let in.
"""

from specie.identity.authenticator import IdentityAuthenticator
from specie.identity.behind import has_address_list, names_of, person_behind, require_holder, require_own_key
from specie.identity.errors import NoMembership
from specie.identity.forgetting import forget_users_of
from specie.identity.invariants import INVARIANTS
from specie.identity.model import ROLE_PERMISSIONS, Member, Role, Tenant
from specie.identity.pages import (
    Credentials,
    Visitor,
    forget_cookie,
    require_own_form,
    set_cookie,
    sign_in_on_page,
    sign_out,
    visitor_of,
)
from specie.identity.scopes import limited_to, scope_for_job, system_scope, whole_tenant
from specie.identity.service import (
    NewTenant,
    NewUser,
    RegisteredUser,
    add_member,
    create_tenant,
    create_user,
    members,
    members_by_users,
    on_tenant_created,
    on_user_registered,
    own_tenant,
    register,
)
from specie.identity.wiring import SERVICE, Identity, build

__all__ = [
    "INVARIANTS",
    "ROLE_PERMISSIONS",
    "SERVICE",
    "Credentials",
    "Identity",
    "IdentityAuthenticator",
    "Member",
    "NewTenant",
    "NewUser",
    "NoMembership",
    "RegisteredUser",
    "Role",
    "Tenant",
    "Visitor",
    "add_member",
    "build",
    "create_tenant",
    "create_user",
    "forget_cookie",
    "forget_users_of",
    "has_address_list",
    "limited_to",
    "members",
    "members_by_users",
    "names_of",
    "on_tenant_created",
    "on_user_registered",
    "own_tenant",
    "person_behind",
    "register",
    "require_holder",
    "require_own_form",
    "require_own_key",
    "scope_for_job",
    "set_cookie",
    "sign_in_on_page",
    "sign_out",
    "system_scope",
    "visitor_of",
    "whole_tenant",
]
