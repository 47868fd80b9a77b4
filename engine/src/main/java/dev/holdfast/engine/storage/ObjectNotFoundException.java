package dev.holdfast.engine.storage;

import java.io.IOException;

/** There is no object of that name. Trying again does not help. */
public final class ObjectNotFoundException extends IOException {
    private static final long serialVersionUID = 1;

    public ObjectNotFoundException(String shownUri) {
        super(shownUri + " does not exist");
    }

    private ObjectNotFoundException(String message, boolean whole) {
        super(message);
    }

    static ObjectNotFoundException withMessage(String message) {
        return new ObjectNotFoundException(message, true);
    }
}
