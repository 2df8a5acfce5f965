"""Meetings with items and tasks for programs, to read, with the scope of the pages."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.councils.models import Item, Meeting, Task
from governance.frame.api_base import ScopedViewSet


class TaskSerializer(serializers.ModelSerializer[Task]):
    class Meta:
        model = Task
        fields = ["id", "what", "who", "post", "due_on", "state", "result", "done_on"]


class MeetingItemSerializer(serializers.ModelSerializer[Item]):
    tasks = TaskSerializer(many=True, read_only=True)

    class Meta:
        model = Item
        fields = ["id", "number", "title", "said", "outcome", "tasks"]


class MeetingSerializer(serializers.ModelSerializer[Meeting]):
    items = MeetingItemSerializer(many=True, read_only=True)

    class Meta:
        model = Meeting
        fields = [
            "id", "body", "unit", "village", "topic", "on", "time", "place", "state", "afterwards", "noticed_on", "base", "entitled",
            "present", "guests", "minutes", "confirmed_at", "filed_at", "end_reason", "items",
        ]  # fmt: skip


class MeetingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """会议、议定意见和会议任务。"""

    queryset = Meeting.objects.prefetch_related("items__tasks").order_by("-id")
    serializer_class = MeetingSerializer
    filterset_fields = ["village", "body", "state", "on"]


class CouncilTaskSerializer(TaskSerializer):
    village = serializers.IntegerField(source="item.meeting.village_id", read_only=True)
    meeting = serializers.IntegerField(source="item.meeting_id", read_only=True)

    class Meta(TaskSerializer.Meta):
        fields = ["village", "meeting", "item", *TaskSerializer.Meta.fields]


class TaskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """会议任务：谁、什么时候办完、落实情况。"""

    queryset = Task.objects.select_related("item__meeting").order_by("-id")
    serializer_class = CouncilTaskSerializer
    filterset_fields = ["state", "due_on"]
