"""Links to download files: PDFs that the worker makes, what came in, what was attached."""

from graphql import GraphQLResolveInfo

from persistence.reading.rows import Row
from resolvers.context import Context
from schema.printing import DownloadLink


async def download(row: Row, info: GraphQLResolveInfo[Context]) -> DownloadLink:
    """Return a fresh signed link to the file of a printout, an inbox item or an attachment."""
    context: Context = info.context
    now = context.services.clock()
    found = row.__dict__
    link = context.links.link(context.tenant, found["file_hash"], found["file_name"], now)
    return DownloadLink(url=f"/files/{context.links.sign(link)}", expires_at=link.expires_at)
