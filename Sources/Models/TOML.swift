import CTOML
import Foundation
import Telemetry

/// A value of a TOML file.
enum TOMLValue: Decodable {
  case string(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case array([TOMLValue])
  case table([String: TOMLValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([TOMLValue].self) {
      self = .array(value)
    } else {
      self = .table(try container.decode([String: TOMLValue].self))
    }
  }

  /// Parses a file. Throws a sentence that names the file, line and column.
  static func read(_ path: String) throws -> [String: TOMLValue] {
    guard let data = Files.contents(path, limit: (16 << 20) + 1) else {
      throw UserError("cannot read \(path): is it a file that you may read?", .configuration)
    }
    guard data.count <= 16 << 20 else {
      throw UserError("\(path) is too long for a settings file, which has at most 16 MiB.", .configuration)
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
      throw UserError("\(path) is not valid TOML: \(reason).", .configuration)
    }
    let bytes = Data(bytes: json, count: strlen(json))
    guard let value = try? JSONDecoder().decode(TOMLValue.self, from: bytes), case .table(let table) = value else {
      throw UserError("\(path) holds values that are not numbers, texts, lists or tables.", .configuration)
    }
    return table
  }
}
