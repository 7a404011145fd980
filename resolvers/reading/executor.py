"""The executor that answers a Source by the reading engine, and everything else as usual.

A resolver of a root field or a payload returns a Source, plain data that says which rows. Where its
selection has a Shape, the value is the finished JSON of one statement, spliced into the answer
unread; where it has none, rows take its place and the standard executor goes on with them.
"""

from typing import Any

import orjson
from graphql import GraphQLOutputType, GraphQLResolveInfo
from graphql.execution.executor import Executor
from graphql.pyutils import Path, is_awaitable

from domain.problems import Problem
from persistence.reading.shape import Connection as ConnectionShape
from persistence.reading.shape import Listing, Shape, Single, Source
from resolvers.context import Context
from resolvers.reading.collect import Collector, NotForTheEngine
from resolvers.reading.loading import read_rows


class ReadingExecutor(Executor):
    """graphql-core's executor with one more kind of value."""

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: Any,
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete a value; a Source is read, whatever type its field has."""
        if isinstance(result, Source):
            return self._read(return_type, field_details_list, info, path, result, position_context)
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )

    async def _read(
        self,
        return_type: GraphQLOutputType,
        details: Any,
        info: GraphQLResolveInfo,
        path: Path,
        source: Source,
        position: Any,
    ) -> Any:
        context: Context = info.context
        collector = Collector(self)
        wanted = self._wanted(collector, return_type, details, source) if context.engine else None
        if wanted is not None:
            json = await context.snapshot.json(source, wanted, collector.values)
            return None if json is None else orjson.Fragment(json)
        rows = await read_rows(context, source)
        completed = self.complete_value(return_type, details, info, path, rows, position)
        return await completed if is_awaitable(completed) else completed

    def _wanted(
        self, collector: Collector, return_type: GraphQLOutputType, details: Any, source: Source
    ) -> Shape | ConnectionShape | None:
        try:
            match source:
                case Listing(page=page):
                    return collector.connection(return_type, details, page)
                case Single():
                    return collector.shape(return_type, details, source.entity)
        except (NotForTheEngine, Problem):  # a problem is told by the executor, at its own field
            return None
        raise TypeError(f"nobody reads a {type(source).__name__}")
