import CSQLite
import Foundation
import Telemetry

/// A connection to an SQLite database, as far as the service needs it. For one thread at a time.
package final class Database: @unchecked Sendable {
  // Safety: its owner uses it under a lock.
  private let handle: OpaquePointer
  private let path: String

  /// What a column may hold.
  package enum Value: Sendable, Equatable {
    case null, integer(Int64), real(Double), text(String)
  }

  /// Opens or makes the file, with a write-ahead log: readers do not wait, and a loss of power leaves it whole (sqlite.org/wal.html).
  /// - Parameter isReadOnly: the file must be there and is not changed.
  package init(_ path: String, isReadOnly: Bool = false) throws {
    var opened: OpaquePointer?
    let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let code = sqlite3_open_v2(path.fileName, &opened, access | SQLITE_OPEN_FULLMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close(opened)
      throw UserError("cannot open the database \(path): \(reason)")
    }
    (handle, self.path) = (opened, path)
    sqlite3_busy_timeout(handle, 5000)
    guard !isReadOnly else { return }
    try run("PRAGMA journal_mode=WAL")
    try run("PRAGMA synchronous=NORMAL")
  }

  deinit { sqlite3_close_v2(handle) }

  /// Runs a statement and gives each row of its answer.
  package func run(
    _ sql: String, _ values: [Value] = [], row: ((Row) throws -> Void)? = nil
  ) throws {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else { throw failure(sql) }
    defer { sqlite3_finalize(statement) }
    for (index, value) in values.enumerated() { try bind(value, Int32(index + 1), statement, sql) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: try row?(Row(statement: statement))
      case SQLITE_DONE: return
      default: throw failure(sql)
      }
    }
  }

  /// All of it, or nothing.
  package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      try? run("ROLLBACK")
      throw error
    }
  }

  package var lastRow: Int64 { sqlite3_last_insert_rowid(handle) }
  /// Rows that the last statement changed.
  package var changes: Int { Int(sqlite3_changes(handle)) }

  /// A row of an answer, valid inside the closure that gets it.
  package struct Row {
    fileprivate let statement: OpaquePointer

    /// The column as a whole number; 0 for null.
    package func integer(_ column: Int) -> Int64 { sqlite3_column_int64(statement, Int32(column)) }
    /// The column as a number; nil for null.
    package func real(_ column: Int) -> Double? {
      isNull(column) ? nil : sqlite3_column_double(statement, Int32(column))
    }
    /// The column as text; nil for null.
    package func text(_ column: Int) -> String? {
      sqlite3_column_text(statement, Int32(column)).map { String(cString: $0) }
    }
    private func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }
  }

  private func bind(_ value: Value, _ index: Int32, _ statement: OpaquePointer, _ sql: String) throws {
    let code =
      switch value {
      case .null: sqlite3_bind_null(statement, index)
      case .integer(let number): sqlite3_bind_int64(statement, index, number)
      case .real(let number): sqlite3_bind_double(statement, index, number)
      case .text(let text): fovea_sqlite_bind_text(statement, index, text, Int32(clamping: text.utf8.count))
      }
    if code != SQLITE_OK { throw failure(sql) }
  }

  private func failure(_ sql: String) -> UserError {
    UserError("the database \(path) failed: \(String(cString: sqlite3_errmsg(handle)))")
  }
}
