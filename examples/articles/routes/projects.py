"""Step 7, custom claim fields: a project belongs to an email address."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException

from axioms_fastapi import check_object_ownership
from models import Project
from routes.articles import Database, Id

router = APIRouter(tags=["projects"])


def get_project(project_id: Id, session: Database) -> Project:
    """Get project by ID or raise 404."""
    project = session.get(Project, project_id)
    if not project:
        raise HTTPException(status_code=404, detail="Project not found")
    return project


# Compares Project.owner_email with the token's email, unless the issuer says that the address is not verified.
OwnProject = Annotated[
    Project, Depends(check_object_ownership(get_project, owner_field="owner_email", claim_field="email"))
]


@router.get("/projects/{project_id}")
def read_project(project: OwnProject) -> dict[str, Any]:
    """Read project - only owner (by email) can access."""
    return {"id": project.id, "name": project.name, "owner_email": project.owner_email}
