package dev.holdfast.engine.error;

import java.util.Optional;

/**
 * An error a user can see, in PostgreSQL's style: SQLSTATE, lower-case message without a full stop, and where they help
 * detail, hint and the position in the statement (1-based, in characters). Thrown where the cause is known.
 */
public final class HoldfastException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final SqlState state;
    private final String detail;
    private final String hint;
    private final int position;

    private HoldfastException(SqlState state, String message, String detail, String hint, int position, Throwable cause) {
        super(message, cause);
        this.state = state;
        this.detail = detail;
        this.hint = hint;
        this.position = position;
    }

    public static HoldfastException of(SqlState state, String message) {
        return new HoldfastException(state, message, null, null, 0, null);
    }

    public static HoldfastException of(SqlState state, String message, Throwable cause) {
        return new HoldfastException(state, message, null, null, 0, cause);
    }

    public HoldfastException withDetail(String newDetail) {
        return copy(getMessage(), newDetail, hint, position);
    }

    public HoldfastException withHint(String newHint) {
        return copy(getMessage(), detail, newHint, position);
    }

    public HoldfastException at(int newPosition) {
        return copy(getMessage(), detail, hint, newPosition);
    }

    public HoldfastException withPrefix(String prefix) {
        return copy(prefix + getMessage(), detail, hint, position);
    }

    private HoldfastException copy(String message, String newDetail, String newHint, int newPosition) {
        var copy = new HoldfastException(state, message, newDetail, newHint, newPosition, getCause());
        copy.setStackTrace(getStackTrace());
        return copy;
    }

    public SqlState state() {
        return state;
    }

    public Optional<String> detail() {
        return Optional.ofNullable(detail);
    }

    public Optional<String> hint() {
        return Optional.ofNullable(hint);
    }

    /** 1-based character position in the statement text, 0 when unknown. */
    public int position() {
        return position;
    }
}
