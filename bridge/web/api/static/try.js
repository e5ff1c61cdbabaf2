/* The page to try the history API: everything comes from this server, and the token that is pasted
   stays in this page's memory. */
window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    url: document.getElementById("swagger-ui").dataset.description,
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis],
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    persistAuthorization: false,
    queryConfigEnabled: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
