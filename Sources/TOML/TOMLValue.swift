import CTOML
import Foundation
import Telemetry

/// A value of a TOML file, and where it stands.
package struct TOMLNode: Sendable {
  /// What a value may be.
  package enum Value: Sendable {
    case text(String)
    case integer(Int)
    /// Nil for inf and nan.
    case number(Double?)
    case boolean(Bool)
    /// A date, a time or both, as it is written.
    case time(String)
    case list([TOMLNode])
    case table([String: TOMLNode])
  }

  package let value: Value
  /// Where the value begins.
  package let place: TOMLPlace
  /// Where the name of an entry of a table begins; for other values, and for tables that no line names, where the value begins.
  package let keyPlace: TOMLPlace

  package init(_ value: Value, at place: TOMLPlace, key: TOMLPlace? = nil) {
    (self.value, self.place, keyPlace) = (value, place, key ?? place)
  }

  /// What TOML calls such a value, with its article.
  package var kind: String {
    switch value {
    case .text: "a text"
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean: "true or false"
    case .time: "a date or time"
    case .list: "a list"
    case .table: "a table"
    }
  }
}

/// A line and a column of a text, both from 1.
package struct TOMLPlace: Hashable, Comparable, Sendable {
  package var line: Int, column: Int

  package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

  /// Earlier places come first.
  package static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// A TOML file (toml.io, version 1.0).
package enum TOMLFile {
  private static let sizeLimit = 16 << 20

  /// Reads a file. Throws a sentence that names the file, line and column.
  package static func read(_ path: String) throws -> [String: TOMLNode] {
    guard let data = Files.contents(path, limit: sizeLimit + 1) else {
      throw UserError("cannot read \(path): is it a file that you may read?", .configuration)
    }
    return try parse(data, name: path)
  }

  /// Parses what a file holds; `name` is what messages call it.
  package static func parse(_ data: Data, name: String) throws -> [String: TOMLNode] {
    guard data.count <= sizeLimit else {
      throw UserError("\(name) is too long for a settings file, which has at most 16 MiB.", .configuration)
    }
    var complaint: UnsafeMutablePointer<CChar>?
    let json = data.withUnsafeBytes { bytes in
      fovea_toml_to_json(bytes.bindMemory(to: CChar.self).baseAddress, UInt(data.count), &complaint)
    }
    defer {
      fovea_toml_free(json)
      fovea_toml_free(complaint)
    }
    guard let json else {
      let reason = complaint.map { String(cString: $0) } ?? "out of memory"
      throw UserError("\(name) is not valid TOML: \(reason).", .configuration)
    }
    let bytes = Data(bytes: json, count: strlen(json))
    guard let node = try? JSONDecoder().decode(TOMLNode.self, from: bytes), case .table(let table) = node.value else {
      throw UserError("\(name) holds values that are not numbers, texts, lists or tables.", .configuration)
    }
    return table
  }
}

extension TOMLNode: Decodable {
  private enum Field: CodingKey { case line, column, keyLine, keyColumn, kind, value }

  /// Reads what `fovea_toml_to_json` writes.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    place = TOMLPlace(
      line: try fields.decode(Int.self, forKey: .line), column: try fields.decode(Int.self, forKey: .column))
    if let line = try fields.decodeIfPresent(Int.self, forKey: .keyLine), line > 0 {
      keyPlace = TOMLPlace(line: line, column: try fields.decode(Int.self, forKey: .keyColumn))
    } else {
      keyPlace = place
    }
    value =
      switch try fields.decode(String.self, forKey: .kind) {
      case "text": .text(try fields.decode(String.self, forKey: .value))
      case "integer": .integer(try fields.decode(Int.self, forKey: .value))
      case "number": .number(try fields.decode(Double?.self, forKey: .value))
      case "boolean": .boolean(try fields.decode(Bool.self, forKey: .value))
      case "list": .list(try fields.decode([TOMLNode].self, forKey: .value))
      case "table": .table(try fields.decode([String: TOMLNode].self, forKey: .value))
      default: .time(try fields.decode(String.self, forKey: .value))
      }
  }
}
