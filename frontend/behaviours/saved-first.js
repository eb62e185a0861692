// form[data-saved-first=ID]: speaks of what is saved, so its button waits while the form of that id has other things in it.
// [data-saved-first-hint] inside says why, and is hidden otherwise.
export function start(root) {
  for (const form of root.querySelectorAll('form[data-saved-first]')) {
    const edited = document.getElementById(form.dataset.savedFirst);
    if (!edited || form.dataset.savedFirstStarted) continue;
    form.dataset.savedFirstStarted = 'yes';
    const saved = new URLSearchParams(new FormData(edited)).toString();
    const look = () => {
      const differs = new URLSearchParams(new FormData(edited)).toString() !== saved;
      for (const button of form.querySelectorAll('button')) button.disabled = differs;
      for (const hint of form.querySelectorAll('[data-saved-first-hint]')) hint.hidden = !differs;
    };
    edited.addEventListener('input', look);
    edited.addEventListener('change', look);
    look();
  }
}
