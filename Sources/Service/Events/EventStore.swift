import Foundation
import Synchronization
import Telemetry

/// The events of all cameras, in `events.db`.
package final class EventStore: Sendable {
  /// Which events are asked for.
  package struct Query: Sendable {
    package var camera: String?, rule: String?, label: String?
    /// Seconds since 1970.
    package var since: Double?, until: Double?
    package var isProtected: Bool?
    package var limit = 100
    /// Only those with a smaller id: the next page.
    package var before: Int64?

    package init() {}
  }

  private let database: Mutex<Database>
  package let path: String

  /// Each entry leads from the version of its position to the next (PRAGMA user_version).
  private static let migrations = [
    """
    CREATE TABLE events (
      id INTEGER PRIMARY KEY AUTOINCREMENT, camera TEXT NOT NULL, rule TEXT NOT NULL, model TEXT NOT NULL,
      label TEXT NOT NULL, label_id INTEGER NOT NULL, confidence REAL NOT NULL, started REAL NOT NULL, ended REAL,
      cause TEXT NOT NULL, method TEXT, target TEXT, peak TEXT, units TEXT NOT NULL DEFAULT '[]',
      clip TEXT, snapshot TEXT, heat TEXT, protected INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX events_started ON events (started);
    CREATE INDEX events_camera ON events (camera, started);
    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
      due REAL NOT NULL, created REAL NOT NULL);
    """
  ]

  /// Opens the database and brings it up to date. One that is damaged is set aside under another name, and a new one begins.
  package init(_ path: String) throws {
    self.path = path
    guard Files.makeFolder(path.folder) else {
      throw UserError("cannot make the folder \(path.folder): \(String(cString: strerror(errno)))")
    }
    if Files.exists(path), let damage = Self.damage(path) {
      let aside = path + ".damaged-\(Int(Date().timeIntervalSince1970))"
      for ending in ["", "-wal", "-shm"] { rename((path + ending).fileName, (aside + ending).fileName) }
      Log.warning("the database \(path) is damaged (\(damage)): it is kept as \(aside), and a new one begins")
    }
    let opened = try Database(path)
    try Self.migrate(opened, path)
    // What a crash left open has ended.
    try opened.run(
      "UPDATE events SET ended = started, cause = cause || '; the service ended before the event did' WHERE ended IS NULL"
    )
    database = Mutex(opened)
  }

  /// Opens the database of a service, which may be running, to read it.
  package init(reading path: String) throws {
    guard Files.exists(path) else {
      throw UserError("there is no database \(path): has the service run with this configuration?")
    }
    self.path = path
    let opened = try Database(path, isReadOnly: true)
    var version = 0
    try opened.run("PRAGMA user_version") { version = Int($0.integer(0)) }
    guard version == Self.migrations.count else {
      throw UserError(
        "the database \(path) was made by another version of this program; start the service once to bring it up to date"
      )
    }
    database = Mutex(opened)
  }

  /// What is wrong with a database; nil for nothing.
  private static func damage(_ path: String) -> String? {
    do {
      var answer = "no answer"
      try Database(path).run("PRAGMA integrity_check(1)") { answer = $0.text(0) ?? answer }
      return answer == "ok" ? nil : answer
    } catch {
      return "\(error)"
    }
  }

  private static func migrate(_ database: Database, _ path: String) throws {
    var version = 0
    try database.run("PRAGMA user_version") { version = Int($0.integer(0)) }
    guard version <= migrations.count else {
      throw UserError(
        "the database \(path) was made by a newer version of this program; install that one, or move the file away")
    }
    for next in version..<migrations.count {
      try database.transaction {
        for statement in migrations[next].split(separator: ";") where statement.contains(where: { $0.isLetter }) {
          try database.run(String(statement))
        }
        try database.run("PRAGMA user_version = \(next + 1)")
      }
    }
  }

  /// Adds an event and returns its id.
  package func add(_ event: Event) throws -> Int64 {
    try database.withLock { database in
      try database.run(
        """
        INSERT INTO events (camera, rule, model, label, label_id, confidence, started, ended, cause, method, target, peak, units,
        clip, snapshot, heat, protected) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
        """, Self.values(event))
      return database.lastRow
    }
  }

  /// Writes all that is known of an event now.
  package func update(_ event: Event) throws {
    try database.withLock {
      try $0.run(
        """
        UPDATE events SET camera=?, rule=?, model=?, label=?, label_id=?, confidence=?, started=?, ended=?, cause=?, method=?,
        target=?, peak=?, units=?, clip=?, snapshot=?, heat=?, protected=? WHERE id=?
        """, Self.values(event) + [.integer(event.id)])
    }
  }

  /// An event is over: its end, and the class that was seen most clearly. What others have changed meanwhile stays.
  package func end(_ event: Event) throws {
    try database.withLock {
      try $0.run(
        "UPDATE events SET ended=?, label=?, label_id=?, confidence=? WHERE id=?",
        [
          event.ended.map { .real($0) } ?? .null, .text(event.label), .integer(Int64(event.labelId)),
          .real(event.confidence), .integer(event.id),
        ])
    }
  }

  /// Protects an event from retention, or not any more.
  package func set(protected isProtected: Bool, of id: Int64) throws {
    try database.withLock {
      try $0.run("UPDATE events SET protected=? WHERE id=?", [.integer(isProtected ? 1 : 0), .integer(id)])
    }
  }

  /// Sets what a clip is called once it is complete.
  package func set(clip: String?, of id: Int64) throws {
    try database.withLock {
      try $0.run("UPDATE events SET clip=? WHERE id=?", [clip.map { .text($0) } ?? .null, .integer(id)])
    }
  }

  /// The newest first.
  package func events(_ query: Query = Query()) throws -> [Event] {
    var (conditions, values): ([String], [Database.Value]) = ([], [])
    func add(_ condition: String, _ value: Database.Value?) {
      guard let value else { return }
      conditions.append(condition)
      values.append(value)
    }
    add("camera = ?", query.camera.map { .text($0) })
    add("rule = ?", query.rule.map { .text($0) })
    add("label LIKE ? ESCAPE '\\'", query.label.map { .text("%\(Self.escaped($0))%") })
    add("started >= ?", query.since.map { .real($0) })
    add("started < ?", query.until.map { .real($0) })
    add("protected = ?", query.isProtected.map { .integer($0 ? 1 : 0) })
    add("id < ?", query.before.map { .integer($0) })
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    return try select("\(filter) ORDER BY id DESC LIMIT \(max(1, min(query.limit, 10_000)))", values)
  }

  /// The event of this id; nil where there is none.
  package func event(_ id: Int64) throws -> Event? { try select("WHERE id = ?", [.integer(id)]).first }

  /// Events before this time that may be deleted, the oldest first.
  package func expired(before time: Double) throws -> [Event] {
    try select("WHERE protected = 0 AND ended IS NOT NULL AND started < ? ORDER BY id LIMIT 1000", [.real(time)])
  }

  /// Removes the row; its files are the caller's.
  /// - Returns: false where there is none.
  package func remove(_ id: Int64) throws -> Bool {
    try database.withLock { database in
      try database.run("DELETE FROM events WHERE id = ?", [.integer(id)])
      return database.changes > 0
    }
  }

  /// Runs statements of the outbox.
  func withDatabase<Result: Sendable>(_ body: @Sendable (Database) throws -> Result) throws -> Result {
    try database.withLock { try body($0) }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
  }

  private static let columns = """
    id, camera, rule, model, label, label_id, confidence, started, ended, cause, method, target, peak, units, clip, snapshot, heat,
    protected
    """

  private func select(_ rest: String, _ values: [Database.Value]) throws -> [Event] {
    try database.withLock { database in
      var found: [Event] = []
      try database.run("SELECT \(Self.columns) FROM events \(rest)", values) { found.append(try Self.event($0)) }
      return found
    }
  }

  private static func event(_ row: Database.Row) throws -> Event {
    func decoded<T: Decodable>(_ column: Int, _ type: T.Type) -> T? {
      row.text(column).flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
    return Event(
      id: row.integer(0), camera: row.text(1) ?? "", rule: row.text(2) ?? "", model: row.text(3) ?? "",
      label: row.text(4) ?? "", labelId: Int(row.integer(5)), confidence: row.real(6) ?? 0, started: row.real(7) ?? 0,
      ended: row.real(8), cause: row.text(9) ?? "", method: row.text(10), target: row.text(11),
      peak: decoded(12, [Double].self), units: decoded(13, [Event.Unit].self) ?? [], clip: row.text(14),
      snapshot: row.text(15), heat: row.text(16), protected: row.integer(17) != 0)
  }

  private static func values(_ event: Event) -> [Database.Value] {
    func text(_ value: String?) -> Database.Value { value.map { .text($0) } ?? .null }
    func json(_ value: (some Encodable)?) -> Database.Value {
      value.flatMap { try? JSONEncoder().encode($0) }.map { .text(String(decoding: $0, as: UTF8.self)) } ?? .null
    }
    return [
      .text(event.camera), .text(event.rule), .text(event.model), .text(event.label), .integer(Int64(event.labelId)),
      .real(event.confidence), .real(event.started), event.ended.map { .real($0) } ?? .null, .text(event.cause),
      text(event.method), text(event.target), json(event.peak), json(event.units), text(event.clip),
      text(event.snapshot),
      text(event.heat), .integer(event.protected ? 1 : 0),
    ]
  }
}
