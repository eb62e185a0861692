// How bright a picture is shown: [data-contrast="#id"] is a list of ways, and the pictures within that element follow it.
// Nothing is drawn anew, so it holds for the page that one looks at and for nothing else.
export function start(root) {
  for (const choice of root.querySelectorAll('[data-contrast]')) {
    const shown = root.querySelector(choice.dataset.contrast);
    const show = () => {
      shown.dataset.shownAs = choice.value;
    };
    choice.addEventListener('change', show);
    // A browser that comes back to the page has kept what was chosen.
    show();
  }
}
