/* Shows /api/openapi.json. What is tried out here goes with the reader's own browser session. */
window.addEventListener('load', () => {
  SwaggerUIBundle({
    url: '/api/openapi.json',
    dom_id: '#api-docs',
    deepLinking: true,
    docExpansion: 'none',
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    requestInterceptor: (request) => {
      request.headers['X-Usher-Request'] = '1';
      return request;
    },
  });
});
