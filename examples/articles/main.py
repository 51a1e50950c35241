"""The tutorial's application: scopes, roles, permissions and owners of rows. Run it with `uvicorn main:app`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dotenv import load_dotenv
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from axioms_fastapi import init_axioms, register_axioms_exception_handler
from database import migrate
from docs import serve_docs
from routes import articles, authentication, authorization, comments, posts, projects, public

load_dotenv(".env")  # of the working directory: what os.getenv reads below may stand there


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Migrate the database before the first request."""
    await run_in_threadpool(migrate)
    yield


app = FastAPI(
    title="Axioms FastAPI Example",
    description="Example application using axioms-fastapi for OAuth2/OIDC authentication",
    version="1.0.0",
    lifespan=lifespan,
    docs_url=None,  # docs.py serves it
    redoc_url=None,
)

init_axioms(
    app,
    AXIOMS_AUDIENCE=os.getenv("AXIOMS_AUDIENCE", "https://api.example.com"),
    AXIOMS_ISS_URL=os.getenv("AXIOMS_ISS_URL"),
    AXIOMS_JWKS_URL=os.getenv("AXIOMS_JWKS_URL"),
    AXIOMS_DOMAIN=os.getenv("AXIOMS_DOMAIN"),
    AXIOMS_DOCS_CLIENT_ID=os.getenv("AXIOMS_DOCS_CLIENT_ID", "articles-docs"),
)
register_axioms_exception_handler(app)
serve_docs(app)

for part in (public, authentication, authorization, posts, articles, comments, projects):
    app.include_router(part.router)
