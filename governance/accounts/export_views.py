"""Ledgers that are written in the background: which, how far, and the file."""

from __future__ import annotations

from io import BytesIO

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest
from governance.accounts.export_models import ExportJob
from governance.accounts.exporting import export_file
from governance.accounts.job_models import KEPT
from governance.accounts.jobs import JobError
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog


@never_cache
@login_required
def export_list(request: UserRequest) -> HttpResponse:
    jobs = ExportJob.objects.visible_to(request.user).defer("file")
    return render(request, "accounts/exports.html", {"jobs": jobs, "days": KEPT.days})


@never_cache
@login_required
def export_detail(request: UserRequest, pk: int) -> HttpResponse:
    """While it is being written the page comes again by itself."""
    job = get_object_or_404(ExportJob.objects.visible_to(request.user).defer("file"), pk=pk)
    return render(request, f"accounts/export.html{'#state' if request.htmx else ''}", {"job": job})


@never_cache
@login_required
def export_download(request: UserRequest, pk: int) -> HttpResponseBase:
    job = get_object_or_404(ExportJob.objects.visible_to(request.user), pk=pk)
    try:
        data = export_file(job=job, by=request.user)
    except JobError as error:
        messages.error(request, error.message)
        return redirect("accounts:export-detail", job.pk)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"{job.title} {job.total} 行{'，用途：' if job.reason else ''}{job.reason}")
    return FileResponse(BytesIO(data), as_attachment=True, filename=job.filename)
