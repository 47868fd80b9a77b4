package dev.holdfast.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Walks over the messages of one direction of a session: type byte, int32 length that counts itself, body. What is to be
 * forwarded leaves in as few pieces as possible, usually the very buffer that was read; nothing is copied and nothing is
 * allocated for a message that only passes.
 *
 * <p>A message that has not arrived as a whole passes in parts, unless {@link #classify} asks to see it whole.
 */
abstract class FrameWalk {
    static final int HEADER = 5;

    /** What becomes of a message. */
    enum Verdict {
        /** Passes; its body need not be here yet. */
        FORWARD,
        /** Does not pass. */
        DROP,
        /** Cannot be judged before more of it is here. */
        WAIT,
        /** Is here as a whole and handled by {@link #take}; what precedes it has been forwarded by then. */
        TAKE,
        /** This message and all behind it stay here until {@link #resume}. */
        HOLD
    }

    /** The bytes being walked over; [start, at) are to be forwarded. */
    private ByteBuf buffer;

    private int start;
    private int at;

    /** Bytes of the message at hand that are not here yet, and whether they pass. */
    private int remaining;

    private boolean dropping;

    /** What could not be judged or was held; always the beginning of a message. */
    private ByteBuf rest;

    private boolean held;

    /** The stream cannot be understood: everything passes, for the other side to judge. */
    private boolean opaque;

    /** The session is over; also when that was found out in the middle of a walk. */
    private boolean stopped;

    /**
     * @param length the whole message's, type byte included
     * @param here how many bytes of it are in the buffer, from {@code from} on; at least {@link #HEADER}
     */
    abstract Verdict classify(byte type, int length, ByteBuf buffer, int from, int here);

    /** Handles a message for which TAKE was said. */
    abstract void take(byte type, int length, ByteBuf buffer, int from);

    /** Sends bytes on; the callee owns the buffer. */
    abstract void forward(ByteBuf bytes);

    abstract ByteBufAllocator allocator();

    /** Bytes have arrived; this method owns the buffer. */
    final void read(ByteBuf arrived) {
        var bytes = rest == null ? arrived : join(arrived);
        if (held) {
            rest = bytes;
        } else {
            walk(bytes);
        }
    }

    /** From here on nothing is looked at until {@link #resume}. */
    final void hold() {
        held = true;
    }

    /** Goes on after a HOLD. */
    final void resume() {
        if (!held) {
            return;
        }
        held = false;
        if (rest != null) {
            var waiting = rest;
            rest = null;
            walk(waiting);
        }
    }

    /** How many bytes wait here. */
    final int waiting() {
        return rest == null ? 0 : rest.readableBytes();
    }

    final boolean isHeld() {
        return held;
    }

    /** From the message after this one on nothing is looked at any more. */
    final void makeOpaque() {
        opaque = true;
    }

    /** What was read of a stream that has ended is not to be continued by another one. */
    final void forget() {
        if (rest != null) {
            rest.release();
            rest = null;
        }
        remaining = 0;
    }

    /** The stream has ended: what has come of a message that will never be whole passes. */
    final void forwardRest() {
        if (rest != null && !held) {
            var bytes = rest;
            rest = null;
            forward(bytes);
        }
    }

    /** Nothing passes any more. */
    final void release() {
        stopped = true;
        forget();
    }

    /** Forwards what has been judged so far: for a {@link #classify} that writes something itself. */
    final void forwardPending() {
        if (at > start) {
            forward(buffer.retainedSlice(start, at - start));
            start = at;
        }
    }

    /** The rest grows in place: a message that comes byte by byte is not copied with every byte. */
    private ByteBuf join(ByteBuf arrived) {
        var joined = rest;
        rest = null;
        if (joined.maxWritableBytes() < arrived.readableBytes()) {
            // A slice of what somebody else has read.
            var copy = allocator().buffer(joined.readableBytes() + arrived.readableBytes()).writeBytes(joined);
            joined.release();
            joined = copy;
        }
        joined.writeBytes(arrived);
        arrived.release();
        return joined;
    }

    private void walk(ByteBuf bytes) {
        buffer = bytes;
        start = bytes.readerIndex();
        at = start;
        int end = bytes.writerIndex();
        boolean judged = false;
        try {
            while (!stopped && advance(end)) {}
            judged = !stopped;
        } finally {
            if (!judged) {
                bytes.release();
            }
        }
        if (judged) {
            finish(bytes, end);
        }
        buffer = null;
    }

    /** One message, or the part of it that is here; false when nothing more can be done with these bytes. */
    private boolean advance(int end) {
        if (remaining > 0) {
            pass(end);
        }
        if (opaque) {
            at = end;
            return false;
        }
        int here = end - at;
        if (here < HEADER) {
            return false;
        }
        byte type = buffer.getByte(at);
        int length = buffer.getInt(at + 1) + 1;
        if (length < HEADER) {
            // Not a stream of messages: the other side refuses it in its own words.
            opaque = true;
            at = end;
            return false;
        }
        switch (classify(type, length, buffer, at, Math.min(here, length))) {
            case FORWARD -> {
                remaining = length;
                dropping = false;
            }
            case DROP -> {
                forwardPending();
                remaining = length;
                dropping = true;
            }
            case TAKE -> {
                forwardPending();
                int from = at;
                at += length;
                start = at;
                take(type, length, buffer, from);
            }
            case WAIT -> {
                return false;
            }
            case HOLD -> {
                held = true;
                return false;
            }
        }
        return true;
    }

    private void pass(int end) {
        int count = Math.min(remaining, end - at);
        at += count;
        remaining -= count;
        if (dropping) {
            start = at;
        }
    }

    private void finish(ByteBuf bytes, int end) {
        if (start == bytes.readerIndex() && at == end) {
            if (at > start) {
                forward(bytes);
            } else {
                bytes.release();
            }
            return;
        }
        if (at == bytes.readerIndex() && bytes.refCnt() == 1 && bytes.capacity() / 4 <= end - at) {
            // Nothing of it could be judged: it waits as it is.
            rest = bytes;
            return;
        }
        forwardPending();
        if (at < end) {
            // The whole read buffer would be kept alive for these few bytes.
            rest = allocator().buffer(Math.max(256, end - at)).writeBytes(bytes, at, end - at);
        }
        bytes.release();
    }
}
