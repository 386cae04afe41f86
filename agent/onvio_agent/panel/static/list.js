// Says at once that a chosen file is too large for a list, instead of after it was sent.
"use strict";

(() => {
  function judge(input) {
    const most = Number(input.dataset.maxBytes);
    const tooLarge = [...input.files].some((file) => file.size > most);
    input.setCustomValidity(tooLarge ? input.dataset.tooLarge : "");
  }

  const input = document.querySelector("input[type=file][data-max-bytes]");
  if (input === null) return;
  input.addEventListener("change", () => {
    judge(input);
    input.reportValidity();
  });
  // A file that was made smaller meanwhile and chosen again is no change to the browser.
  input.form.addEventListener("click", () => judge(input));
})();
