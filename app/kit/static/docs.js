// Swagger UI on this service's own document; nothing here or in the page asks another host for anything.
window.addEventListener("load", () => {
  const base = document.documentElement.dataset.base;
  window.SwaggerUIBundle({
    url: `${base}/openapi.json`,
    dom_id: "#docs",
    deepLinking: true,
    docExpansion: "list",
    validatorUrl: null,
    displayRequestDuration: true,
    tryItOutEnabled: false,
  });
});
