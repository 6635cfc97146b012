import Telemetry
import TOML

/// Variables of the environment that stand for keys: `FOVEA_STORAGE_MAX_SIZE`, `FOVEA_CAMERA_FRONT_DOOR_SOURCE`.
struct EnvironmentOverrides {
  private let variables: [(name: String, value: String)]
  private(set) var faults: [Fault] = []

  init(_ environment: [String: String]) {
    variables = environment.filter { $0.key.hasPrefix("FOVEA_") }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Sets what they name. Others are not of the configuration: `FOVEA_MODEL` and `FOVEA_ISA` are the program's own.
  mutating func apply(to root: inout Section) {
    for (name, value) in variables {
      let words = String(name.dropFirst("FOVEA_".count))
      if let spec = ServiceConfiguration.sections.first(where: { words.hasPrefix($0.name.uppercased() + "_") }) {
        let rest = String(words.dropFirst(spec.name.count + 1))
        if spec.isRepeated {
          setCamera(rest, value, name, spec, in: &root)
        } else {
          set(rest, value, name, spec, in: &root)
        }
      }
    }
  }

  private mutating func set(_ key: String, _ value: String, _ name: String, _ spec: SectionSpec, in root: inout Section)
  {
    if root.inner[spec.name]?.isEmpty ?? true { root.inner[spec.name] = [Section(file: name, place: root.place)] }
    let last = root.inner[spec.name, default: []].count - 1
    setKey(key, value, name, spec, in: &root.inner[spec.name, default: []][last])
  }

  private mutating func setCamera(
    _ words: String, _ value: String, _ name: String, _ spec: SectionSpec, in root: inout Section
  ) {
    let names = root[inner: spec].map { Self.variable($0[CameraSettings.name]) + "_" }
    // The longest name that fits: there may be cameras FRONT and FRONT_DOOR.
    guard
      let index = names.indices.filter({ words.hasPrefix(names[$0]) }).max(by: { names[$0].count < names[$1].count })
    else {
      let known = names.map { String($0.dropLast()) }.joined(separator: ", ")
      return note(
        name, "there is no camera of this name; cameras are called \(known.isEmpty ? "nothing yet" : known) there")
    }
    setKey(
      String(words.dropFirst(names[index].count)), value, name, spec, in: &root.inner[spec.name, default: []][index])
  }

  private mutating func setKey(
    _ word: String, _ value: String, _ name: String, _ spec: SectionSpec, in section: inout Section
  ) {
    guard let key = spec.keys.first(where: { Self.variable($0.name) == word }) else {
      let known = spec.keys.map { Self.variable($0.name) }
      return note(name, "[\(spec.name)] has no key '\(word.lowercased())'\(suggestion(for: word, among: known))")
    }
    do { try section.set(key, word: value) } catch { note(name, "\(error)") }
  }

  private mutating func note(_ name: String, _ sentence: String) {
    faults.append(Fault(file: "the environment variable \(name)", place: nil, sentence: sentence))
  }

  /// A name as variables write it.
  static func variable(_ name: String) -> String {
    String(name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
  }
}
