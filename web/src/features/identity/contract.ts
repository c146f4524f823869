export type Membership = { tenant_id: string; tenant_name: string; mode: "live" | "sandbox"; role: string };

/** Who is logged in, where, and what they may do. */
export type Me = {
  user: { id: string; email: string; name: string; totp_enabled: boolean };
  tenant: { id: string; name: string; slug: string; mode: "live" | "sandbox"; time_zone: string };
  role: string;
  permissions: string[];
  party_id: string | null;
  memberships: Membership[];
  csrf_token: string;
};

export type ApiKey = {
  id: string;
  name: string;
  prefix: string;
  permissions: string[];
  allowed_ips: string[];
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
  revoked_at: string | null;
};
