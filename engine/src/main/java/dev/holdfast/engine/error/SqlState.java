package dev.holdfast.engine.error;

/**
 * A five-character SQLSTATE. PostgreSQL's own codes are used for what PostgreSQL knows; {@link #UNCATEGORIZED} is what
 * CockroachDB sends for the errors of its backup family that carry no code.
 */
public record SqlState(String code) {
    public static final SqlState UNCATEGORIZED = new SqlState("XXUUU");
    public static final SqlState INTERNAL_ERROR = new SqlState("XX000");
    public static final SqlState DATA_CORRUPTED = new SqlState("XX001");
    public static final SqlState CONNECTION_FAILURE = new SqlState("08006");
    public static final SqlState CANNOT_CONNECT = new SqlState("08001");
    public static final SqlState PROTOCOL_VIOLATION = new SqlState("08P01");
    public static final SqlState FEATURE_NOT_SUPPORTED = new SqlState("0A000");
    public static final SqlState INVALID_PARAMETER_VALUE = new SqlState("22023");
    public static final SqlState INVALID_TEXT_REPRESENTATION = new SqlState("22P02");
    public static final SqlState NUMERIC_VALUE_OUT_OF_RANGE = new SqlState("22003");
    public static final SqlState ACTIVE_SQL_TRANSACTION = new SqlState("25001");
    public static final SqlState IN_FAILED_TRANSACTION = new SqlState("25P02");
    public static final SqlState INVALID_AUTHORIZATION = new SqlState("28000");
    public static final SqlState INVALID_SCHEMA_NAME = new SqlState("3F000");
    public static final SqlState INVALID_CATALOG_NAME = new SqlState("3D000");
    public static final SqlState SYNTAX_ERROR = new SqlState("42601");
    public static final SqlState INSUFFICIENT_PRIVILEGE = new SqlState("42501");
    public static final SqlState DUPLICATE_DATABASE = new SqlState("42P04");
    public static final SqlState DUPLICATE_TABLE = new SqlState("42P07");
    public static final SqlState DUPLICATE_OBJECT = new SqlState("42710");
    public static final SqlState UNDEFINED_TABLE = new SqlState("42P01");
    public static final SqlState WRONG_OBJECT_TYPE = new SqlState("42809");
    public static final SqlState UNDEFINED_OBJECT = new SqlState("42704");
    public static final SqlState UNDEFINED_PARAMETER = new SqlState("42P02");
    public static final SqlState INDETERMINATE_DATATYPE = new SqlState("42P18");
    public static final SqlState TOO_MANY_CONNECTIONS = new SqlState("53300");
    public static final SqlState DISK_FULL = new SqlState("53100");
    public static final SqlState OBJECT_NOT_IN_PREREQUISITE_STATE = new SqlState("55000");
    public static final SqlState LOCK_NOT_AVAILABLE = new SqlState("55P03");
    public static final SqlState QUERY_CANCELED = new SqlState("57014");
    public static final SqlState OPERATOR_INTERVENTION = new SqlState("57000");
    public static final SqlState ADMIN_SHUTDOWN = new SqlState("57P01");
    public static final SqlState CANNOT_CONNECT_NOW = new SqlState("57P03");
    public static final SqlState IO_ERROR = new SqlState("58030");
    public static final SqlState UNDEFINED_FILE = new SqlState("58P01");
    public static final SqlState DUPLICATE_FILE = new SqlState("58P02");

    public SqlState {
        if (code.length() != 5) {
            throw new IllegalArgumentException("not a SQLSTATE: " + code);
        }
    }

    /** Class 08 and the shutdown codes: the connection, not the statement, failed. */
    public boolean isConnectionLoss() {
        return code.startsWith("08") || code.equals("57P01") || code.equals("57P02") || code.equals("57P03");
    }

    @Override
    public String toString() {
        return code;
    }
}
