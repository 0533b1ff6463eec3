/* SPDX-License-Identifier: ISC */
/* Frames one behind the other. */
#include <mirage/frame.h>

#include "runtime/bug.h"

static void check_alone(const struct frame *frame)
{
	if (frame->references != 1)
		bug("a frame with %u references is put into a queue", frame->references);
	if (frame->next != NULL)
		bug("a frame is put into two queues");
}

void frame_queue_push(struct frame_queue *queue, struct frame *frame)
{
	frame_queue_insert(queue, queue->last, frame);
}

void frame_queue_insert(struct frame_queue *queue, struct frame *before, struct frame *frame)
{
	struct frame **link = before != NULL ? &before->next : &queue->first;

	check_alone(frame);
	frame->next = *link;
	*link = frame;
	if (queue->last == before)
		queue->last = frame;
	queue->count++;
	queue->bytes += frame->length;
}

struct frame *frame_queue_pop(struct frame_queue *queue)
{
	struct frame *frame = queue->first;

	if (frame == NULL)
		return NULL;
	queue->first = frame->next;
	if (queue->first == NULL)
		queue->last = NULL;
	frame->next = NULL;
	queue->count--;
	queue->bytes -= frame->length;
	return frame;
}

void frame_queue_release(struct frame_queue *queue)
{
	struct frame *frame;

	while ((frame = frame_queue_pop(queue)) != NULL)
		frame_release(frame);
}
