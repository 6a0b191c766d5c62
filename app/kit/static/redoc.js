// Redoc on this service's own document; nothing here or in the page asks another host for anything.
window.addEventListener("load", () => {
  const base = document.documentElement.dataset.base;
  const options = {
    theme: { typography: { fontFamily: "system-ui, sans-serif", headings: { fontFamily: "system-ui, sans-serif" } } },
    hideDownloadButton: true,
    expandResponses: "200,201",
    jsonSampleExpandLevel: 3,
  };
  window.Redoc.init(`${base}/openapi.json`, options, document.getElementById("docs"));
});
