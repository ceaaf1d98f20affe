// Runs before the first paint, so that the page never shows the other theme first.
(() => {
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem('undercroft.preferences') ?? '{}');
  } catch {
    // Storage may be refused: then the system's theme it is.
  }
  const system = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  const root = document.documentElement;
  root.dataset.theme = chosen.theme === 'light' || chosen.theme === 'dark' ? chosen.theme : system;
  root.dataset.density = chosen.density ?? 'normal';
})();
