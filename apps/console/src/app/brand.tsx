/** The vaults that carry the building. */
export function Brand() {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
      <path d="M1.5 16V8.5a7.5 7.5 0 0 1 15 0V16" fill="none" stroke="var(--text)" strokeWidth="2" />
      <path d="M6 16V9a3 3 0 0 1 6 0v7" fill="none" stroke="var(--accent)" strokeWidth="2" />
    </svg>
  );
}
