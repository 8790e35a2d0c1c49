"""The addresses of the service."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import JSONResponse, Response

from ser_core.inputs import Input
from ser_core.reports.records import Record, model_record
from ser_core.scoring import Wanted
from ser_core.service import metrics
from ser_core.service.desk import Desk, Work
from ser_core.service.problems import ProblemError
from ser_core.service.schemas import FILES, Answer, Asked, Extra, Installed, Known, problems
from ser_core.service.service import Service
from ser_core.words import weights

router = APIRouter()


def service_of(connection: HTTPConnection) -> Service:
    """The service behind a request or a stream."""
    return connection.app.state.service


Here = Annotated[Service, Depends(service_of)]
Options = Annotated[Asked, Query()]


@router.post(
    "/v1/analyze",
    summary="Judge files",
    response_model=list[Answer],
    responses=problems(408, 413, 415, 422, 501, 503),
    openapi_extra=FILES,
)
async def analyze(request: Request, service: Here, asked: Options) -> Response:
    """The answers to one or several files, in their order.

    A file that cannot be judged has its error in its own entry; where it is the only file, the
    whole answer is that error (422).
    """
    wanted = asked.wanted(service.shelf, service.settings.most_s)
    work, count = await _taken(request, service, asked, wanted, service.desk)
    records = await _settled(work, request)
    if count == 1 and all(record["error"] for record in records):
        raise ProblemError(422, records[0]["error"], results=records)
    return JSONResponse(records)


@router.post(
    "/v1/jobs",
    summary="Judge long files without waiting on the line",
    status_code=202,
    response_model=Known,
    responses=problems(408, 413, 415, 422, 501, 503),
    openapi_extra=FILES,
)
async def create_job(request: Request, service: Here, asked: Options) -> Response:
    """A job that judges files; Location is its address. It is in memory alone, for a while."""
    wanted = asked.wanted(service.shelf, float("inf"))
    work, _ = await _taken(request, service, asked, wanted, service.job_desk)
    job = service.jobs.add(work)
    address = request.scope.get("root_path", "") + f"/v1/jobs/{job.id}"
    return JSONResponse(job.told(), 202, {"Location": address})


@router.get(
    "/v1/jobs/{job_id}",
    summary="How far a job is, and its results",
    response_model=Known,
    responses=problems(404),
)
async def read_job(job_id: str, service: Here) -> Response:
    """A job: waiting, running, done or failed."""
    return JSONResponse(service.jobs.get(job_id).told())


@router.delete(
    "/v1/jobs/{job_id}",
    summary="Cancel a job and forget it",
    status_code=204,
    responses=problems(404),
)
async def delete_job(job_id: str, service: Here) -> Response:
    """Nothing; the job is gone."""
    service.jobs.drop(job_id)
    return Response(status_code=204)


@router.get(
    "/v1/models",
    summary="The installed models, the best first",
    response_model=list[Installed],
    responses=problems(),
)
def models(service: Here) -> Response:
    """What is known of each model."""
    return JSONResponse([model_record(bundle) for bundle in service.shelf.bundles()])


@router.get(
    "/v1/extras",
    summary="What can stand beside the voice here",
    response_model=list[Extra],
    responses=problems(),
)
def extras() -> Response:
    """Options that not every service has; where this one lacks what it takes, how to get it."""
    errors = {"words": weights.missing() or None, "face": None}
    return JSONResponse([{"option": name, "error": error} for name, error in errors.items()])


@router.get("/health", summary="Whether the process lives")
async def health() -> dict[str, str]:
    """Always the same, while the event loop turns."""
    return {"status": "ok"}


@router.get("/ready", summary="Whether answers come at once", responses=problems(503))
async def ready(service: Here) -> dict[str, str]:
    """200 once the service is warm."""
    if not service.ready:
        raise ProblemError(503, "The service warms up. Come again after Retry-After seconds.", 2)
    return {"status": "ready"}


@router.get("/metrics", summary="What Prometheus reads", response_class=Response)
async def read_metrics(service: Here) -> Response:
    """Counts and times, as text."""
    return Response(service.metrics.text(), media_type=metrics.CONTENT_TYPE)


async def _taken(
    request: Request, service: Service, asked: Asked, wanted: Wanted, desk: Desk
) -> tuple[Work, int]:
    """Work on the files of a request, and how many they are.

    Raises:
        ProblemError: if there is no room, or nothing to write words down with, told before the body
            is read where that is known; or if the body is not what it should be.
    """
    desk = service.slow_desk if asked.words or asked.face else desk
    desk.check()
    if asked.words:
        wanted = await service.with_transcriber(wanted)
    reserved = service.bodies.reserve()
    try:
        files = await service.bodies.files(request, reserved)
        count = len(files)

        def ended() -> None:
            files.clear()  # work that was cancelled may stay in the line of its desk for a while
            reserved.free()

        return desk.take(partial(_judged, service, asked, wanted, files), ended), count
    except BaseException:
        reserved.free()
        raise


def _judged(
    service: Service, asked: Asked, wanted: Wanted, files: list[Input], work: Work
) -> list[Record]:
    records = service.judge(files, asked.model, wanted, work)
    return records if asked.timeline else [record | {"segments": []} for record in records]


async def _settled(work: Work, request: Request) -> list[Record]:
    """What came of the work, which ends if nobody waits for it any more."""
    done = asyncio.wrap_future(work.future)
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((done, gone), return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            raise ClientDisconnect
        return done.result()
    finally:
        work.cancel()
        for each in (done, gone):
            each.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
