"""`/docs` without a network: Swagger UI comes from this machine, where FastAPI's own page loads it from a CDN."""

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

# The files of Swagger UI, kept up to date by the package that has them. Its own page does not pass on `swagger_ui_init_oauth`.
ASSETS = StaticFiles(packages=[("fastapi_offline", "static")])


def serve_docs(app: FastAPI) -> None:
    """The application has `/docs`, whose Authorize button logs in as init_axioms told it."""
    app.mount("/docs/assets", ASSETS, name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        here = request.scope.get("root_path", "").rstrip("/")
        return get_swagger_ui_html(
            title=app.title,
            openapi_url=f"{here}{app.openapi_url}",
            oauth2_redirect_url=f"{here}/docs/oauth2-redirect",
            init_oauth=app.swagger_ui_init_oauth,
            swagger_js_url=f"{here}/docs/assets/swagger-ui-bundle.js",
            swagger_css_url=f"{here}/docs/assets/swagger-ui.css",
            swagger_favicon_url=f"{here}/docs/assets/favicon.png",
        )

    @app.get("/docs/oauth2-redirect", include_in_schema=False)
    async def come_back() -> HTMLResponse:
        return get_swagger_ui_oauth2_redirect_html()
