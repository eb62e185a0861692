// [data-section-nav]: links to the sections of a long page; the one being read is marked.
function mount(nav) {
  const links = new Map();
  for (const link of nav.querySelectorAll('a[href^="#"]')) links.set(link.getAttribute('href').slice(1), link);
  const seen = new Set();
  const mark = () => {
    const first = [...links.keys()].find((id) => seen.has(id));
    for (const [id, link] of links) {
      if (id === first) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  };
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) seen.add(entry.target.id);
      else seen.delete(entry.target.id);
    }
    mark();
  }, { rootMargin: '-10% 0px -60% 0px' });
  for (const id of links.keys()) {
    const section = document.getElementById(id);
    if (section) watcher.observe(section);
  }
}

export function start(root) {
  for (const nav of root.querySelectorAll('[data-section-nav]')) mount(nav);
}
