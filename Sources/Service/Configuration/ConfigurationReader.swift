import TOML
import Telemetry

/// A fault of a configuration and where it stands.
package struct Fault: Hashable, Sendable, CustomStringConvertible {
  package var file: String
  package var place: TOMLPlace?
  /// Without a period.
  package var sentence: String

  package var description: String {
    place.map { "\(file), line \($0.line), column \($0.column): \(sentence)" } ?? "\(file): \(sentence)"
  }
}

/// A table of a configuration file that obeys its `SectionSpec`, as far as no fault was noted.
package struct Section: Sendable {
  package let file: String
  package let place: TOMLPlace
  fileprivate var values: [String: (given: [any Sendable], place: TOMLPlace)] = [:]
  /// Inner tables by name, in the order of the file.
  var inner: [String: [Section]] = [:]

  package init(file: String, place: TOMLPlace) { (self.file, self.place) = (file, place) }

  /// The key's value, else its default.
  package subscript<Value>(key: Key<Value>) -> Value { key.resolve(values[key.name]?.given) }

  /// True when the file, or the environment, gives it.
  package func has(_ key: any KeySpec) -> Bool { values[key.name] != nil }

  /// Where the value stands; for an absent one, where the table begins.
  package func place(of key: any KeySpec) -> TOMLPlace { values[key.name]?.place ?? place }

  /// The tables of this kind inside, in the order of the file.
  package subscript(inner spec: SectionSpec) -> [Section] { inner[spec.name] ?? [] }

  /// A fault of this key's value.
  package func fault(_ key: any KeySpec, _ sentence: String) -> Fault {
    Fault(file: file, place: place(of: key), sentence: "'\(key.name)': \(sentence)")
  }

  /// Later files win key by key.
  mutating func merge(_ other: Section) {
    values.merge(other.values) { $1 }
    for (name, sections) in other.inner { inner[name, default: []] += sections }
  }
}

/// Reads tables by their specifications and collects every fault, so that all are told at once.
struct ConfigurationReader {
  let file: String
  private(set) var faults: [Fault] = []

  init(file: String) { self.file = file }

  /// Reads a table.
  /// - Parameter title: how the table is named in messages; empty for the whole file.
  mutating func read(
    _ table: [String: TOMLNode], at place: TOMLPlace, keys: [any KeySpec], inner: [SectionSpec], title: String
  ) -> Section {
    var section = Section(file: file, place: place)
    // In the order of the file.
    for (name, node) in table.sorted(by: { $0.value.keyPlace < $1.value.keyPlace }) {
      if let key = keys.first(where: { $0.name == name }) {
        readKey(key, node, into: &section)
      } else if let spec = inner.first(where: { $0.name == name }) {
        section.inner[name] = readSections(spec, node)
      } else {
        let known = keys.map { $0.name } + inner.map(\.name)
        let place = title.isEmpty ? "" : " in \(title)"
        note(node.keyPlace, "there is no key '\(name)'\(place)\(suggestion(for: name, among: known))")
      }
    }
    for key in keys where key.isRequired && table[key.name] == nil {
      note(place, "\(title) lacks the key '\(key.name)', such as \(key.name) = \(key.example ?? "…")")
    }
    return section
  }

  private mutating func readKey(_ key: any KeySpec, _ node: TOMLNode, into section: inout Section) {
    do {
      section.values[key.name] = (try key.read(node) as? [any Sendable] ?? [], node.place)
    } catch {
      note(node.place, "'\(key.name)': \(error)")
    }
  }

  private mutating func readSections(_ spec: SectionSpec, _ node: TOMLNode) -> [Section] {
    let title = spec.isRepeated ? "[[\(spec.name)]]" : "[\(spec.name)]"
    switch node.value {
    case .table(let table) where !spec.isRepeated:
      return [read(table, at: node.place, keys: spec.keys, inner: spec.inner, title: title)]
    case .list(let nodes) where spec.isRepeated:
      return nodes.compactMap { node in
        guard case .table(let table) = node.value else {
          note(node.place, "'\(spec.name)' is a list of tables: each begins with \(title)")
          return nil
        }
        return read(table, at: node.place, keys: spec.keys, inner: spec.inner, title: title)
      }
    default:
      note(node.keyPlace, "'\(spec.name)' is written as a table that begins with \(title), not as \(node.kind)")
      return []
    }
  }

  private mutating func note(_ place: TOMLPlace, _ sentence: String) {
    faults.append(Fault(file: file, place: place, sentence: sentence))
  }
}

extension Section {
  /// Sets a key from the word of an environment variable.
  /// - Throws: a sentence.
  mutating func set(_ key: any KeySpec, word: String) throws {
    values[key.name] = (try key.read(word: word) as? [any Sendable] ?? [], place)
  }
}
