import Telemetry

/// Constants in files beside the model (onnx/docs/ExternalData.md), never outside its folder. Where the model is a link, as in the cache of
/// Hugging Face, they may be links into the folder that the model itself lies in.
final class ExternalData {
  private let model: String?
  private var sources: [String: ByteSource] = [:]

  /// - Parameter model: the file that names them; nil for a model in memory, which can have none.
  init(model: String?) { self.model = model }

  /// The file and the bytes in it that the entries `location`, `offset` and `length` name.
  func bytes(of entries: [(key: String, value: String)]) throws -> (ByteSource, Range<Int>) {
    let values = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    guard let location = values["location"], !location.isEmpty else {
      throw ImportFailure("is external data without a location")
    }
    let source = try self.source(at: location)
    let offset = try number(values["offset"], "offset") ?? 0
    guard offset <= source.bytes.count else {
      throw ImportFailure("starts at byte \(offset) of \(location), which has only \(source.bytes.count)")
    }
    let length = try number(values["length"], "length") ?? source.bytes.count - offset
    guard length <= source.bytes.count - offset else {
      throw ImportFailure(
        "claims \(length) bytes from byte \(offset) of \(location), which has only \(source.bytes.count)")
    }
    return (source, offset..<offset + length)
  }

  private func number(_ text: String?, _ name: String) throws -> Int? {
    guard let text else { return nil }
    guard let value = Int(text), value >= 0 else {
      throw ImportFailure("has the external data \(name) '\(text)', which is not a count of bytes")
    }
    return value
  }

  private func source(at location: String) throws -> ByteSource {
    if let source = sources[location] { return source }
    guard let model else { throw ImportFailure("is external data, but the model has no folder") }
    let folder = model.folder
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !location.contains("\0"), !parts.contains("..") else {
      throw ImportFailure("names external data outside the model's folder: '\(location)'")
    }
    let file = folder.appending(name: location)
    guard let real = Files.realPath(file), let root = Files.realPath(folder),
      let realModel = Files.realPath(model)
    else { throw ImportFailure("names external data that is not there: \(file)") }
    guard real.hasPrefix(root == "/" ? root : root + "/") || real.folder == realModel.folder else {
      throw ImportFailure("names external data that a link leads out of the model's folder: '\(location)'")
    }
    let source = try ByteSource(mapping: real)
    sources[location] = source
    return source
  }
}
