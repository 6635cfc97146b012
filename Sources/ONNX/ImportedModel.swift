import Foundation
import Inference

/// What a model file says about itself.
package struct ModelMetadata: Sendable {
  /// The program that wrote the file, as in "pytorch".
  package var producer: String
  package var producerVersion: String
  /// The version of the ONNX format (ir_version); nil when the file gives none.
  package var irVersion: Int?
  /// The version of the default operator set.
  package var opset: Int
  /// The pairs of metadata_props; the last one counts where a key is repeated.
  package var properties: [String: String]
  /// The documentation of the graph, or of the model where the graph has none.
  package var documentation: String

  package init(
    producer: String, producerVersion: String, irVersion: Int?, opset: Int, properties: [String: String],
    documentation: String
  ) {
    (self.producer, self.producerVersion, self.irVersion) = (producer, producerVersion, irVersion)
    (self.opset, self.properties, self.documentation) = (opset, properties, documentation)
  }
}

/// A model file, read and checked: the graph and what the file says about itself.
package struct ImportedModel: Sendable {
  package var graph: Graph
  /// What the file says about itself.
  package var metadata: ModelMetadata
  /// Sentences for the user about what may not be as expected.
  package var warnings: [String]
  /// Sentences for a debug log, as on attributes that nothing reads.
  package var notes: [String]
}

/// Reads an ONNX file of opset 7 or later.
///
/// The file stays mapped while the graph's constants live. Throws `ModelError`, whose sentence names the file, and the node,
/// constant or attribute that is wrong.
package func importModel(at path: String) throws -> ImportedModel {
  let source = try ByteSource(mapping: path)
  return try importModel(source, name: path, path: path)
}

/// Reads an ONNX model from memory, where it can have no external data.
/// - Parameter name: what errors call it.
package func importModel(bytes: some Collection<UInt8>, name: String) throws -> ImportedModel {
  try importModel(ByteSource(copying: bytes), name: name, path: nil)
}

private func importModel(_ source: ByteSource, name: String, path: String?) throws -> ImportedModel {
  let proto: ModelProto
  do {
    proto = try ModelProto(WireReader(source))
  } catch let error as WireError {
    throw ModelError(notAModel(source, name, because: "\(error)"))
  }
  guard let graph = proto.graph else { throw ModelError(notAModel(source, name, because: "it holds no graph")) }
  do {
    var importer = ModelImporter(proto, graph, TensorDecoder(model: path))
    return try importer.run()
  } catch let failure as ImportFailure {
    throw ModelError("cannot use \(name): \(failure)")
  }
}

/// The sentence for a file that is no ONNX model, or a broken one: told by how the file begins.
private func notAModel(_ source: ByteSource, _ name: String, because reason: String) -> String {
  let head = Array(source.bytes.prefix(512))
  if head.starts(with: Array("version https://git-lfs".utf8)) {
    return "\(name) is a Git LFS pointer, not the model itself: run 'git lfs pull' where it came from"
  }
  for (magic, kind) in fileKinds where head.starts(with: magic) {
    return "\(name) is not an ONNX file: it is \(kind)"
  }
  if head.allSatisfy({ (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0) }) {
    return "\(name) is not an ONNX file: it is text"
  }
  return "\(name) is not an ONNX file, or it is truncated or damaged: \(reason)"
}

private let fileKinds: [([UInt8], String)] = [
  ([0x50, 0x4B, 0x03, 0x04], "a zip archive, as PyTorch writes checkpoints (export the model to ONNX)"),
  ([0x89, 0x48, 0x44, 0x46], "an HDF5 file, as Keras writes models (export the model to ONNX)"),
  ([0x89, 0x50, 0x4E, 0x47], "a PNG picture"),
  ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
  ([0x1F, 0x8B], "compressed with gzip (unpack it first)"),
  ([0x80, 0x02], "a Python pickle (export the model to ONNX)"),
]
