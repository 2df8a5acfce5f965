"""Sheets that are read and written in the background: how far, and on to the import."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from governance.accounts.decorators import UserRequest
from governance.accounts.import_models import ImportJob


@never_cache
@login_required
def import_detail(request: UserRequest, pk: int) -> HttpResponse:
    """While it is being done the page comes again by itself; afterwards the import itself is there."""
    job = get_object_or_404(ImportJob.objects.visible_to(request.user).defer("file"), pk=pk)
    if job.result:
        return HttpResponseClientRedirect(job.result) if request.htmx else redirect(job.result)
    return render(request, f"accounts/import.html{'#state' if request.htmx else ''}", {"job": job})
