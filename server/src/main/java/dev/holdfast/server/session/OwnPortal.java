package dev.holdfast.server.session;

import dev.holdfast.sqlfront.OwnStatement;
import dev.holdfast.sqlfront.execute.Parameters;
import dev.holdfast.sqlfront.result.Result;

/** A statement of ours with its parameters, and what is left of its result between two Executes with a row limit. */
final class OwnPortal {
    private final OwnStatement statement;
    private final Parameters parameters;
    private final short[] formats;
    private Result result;
    private long sent;

    OwnPortal(OwnStatement statement, Parameters parameters, short[] formats) {
        this.statement = statement;
        this.parameters = parameters;
        this.formats = formats;
    }

    OwnStatement statement() {
        return statement;
    }

    Parameters parameters() {
        return parameters;
    }

    short[] formats() {
        return formats;
    }

    /** Null before the first Execute. */
    Result result() {
        return result;
    }

    void result(Result newResult) {
        result = newResult;
    }

    /** Rows sent by all Executes so far, which is what the command tag counts in the end. */
    long sent() {
        return sent;
    }

    void sent(long rows) {
        sent += rows;
    }
}
