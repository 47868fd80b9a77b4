package dev.holdfast.engine.job;

/** Unwinds a job's work because somebody wants it to stop; never an error of the work itself. */
final class JobInterrupted extends RuntimeException {
    private static final long serialVersionUID = 1;

    enum Reason {
        PAUSE,
        CANCEL,
        /** Another node may have taken the job over: nothing more may be written for it. */
        LOST_CLAIM,
        SHUTDOWN
    }

    private final Reason reason;

    JobInterrupted(Reason reason) {
        super(reason.name(), null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
