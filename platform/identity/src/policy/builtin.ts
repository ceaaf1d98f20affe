/** Policies that every tenant has. They cannot be changed; a policy of one's own goes beside them. */

export const OWNER_POLICY = 'owner';
export const DEFAULT_POLICY = 'default';

export const BUILTIN_POLICIES: Readonly<Record<string, { readonly summary: string; readonly text: string }>> = {
  [OWNER_POLICY]: {
    summary: 'Everything of the platform.',
    text: `path "sys/undercroft/*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list", "sudo"]
}
`,
  },
  [DEFAULT_POLICY]: {
    summary: 'What everyone who is signed in may do: look at the platform itself.',
    text: `# One's own session, tokens and second factor need no policy.
path "sys/undercroft/coverage" {
  capabilities = ["read"]
}
`,
  },
  operator: {
    summary: 'Reads everything and works on problems, checks and scans; changes neither users nor the platform.',
    text: `path "sys/undercroft/*" {
  capabilities = ["read", "list"]
}
path "sys/undercroft/problems/*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list"]
}
path "sys/undercroft/downtimes*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list"]
}
path "sys/undercroft/notifications/contacts/+/test" {
  capabilities = ["create"]
}
path "sys/undercroft/checks*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list"]
}
path "sys/undercroft/scans*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list"]
}
path "sys/undercroft/metrics/query" {
  capabilities = ["create", "read"]
}
path "sys/undercroft/events/query" {
  capabilities = ["create", "read"]
}
path "sys/undercroft/identity/*" {
  capabilities = []
}
`,
  },
  viewer: {
    summary: 'Reads everything but users, tokens and policies; changes nothing.',
    text: `path "sys/undercroft/*" {
  capabilities = ["read", "list"]
}
path "sys/undercroft/metrics/query" {
  capabilities = ["create", "read"]
}
path "sys/undercroft/events/query" {
  capabilities = ["create", "read"]
}
path "sys/undercroft/identity/*" {
  capabilities = []
}
`,
  },
};
