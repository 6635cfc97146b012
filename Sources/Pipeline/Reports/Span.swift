/// A part of a frame's way whose time is measured. The names are those of the JSON.
package enum Span: String, Sendable, CaseIterable {
  /// Demuxing and decoding, waiting for the source included.
  case decode
  /// From the driver's time stamp, or the decoder, to this program.
  case capture
  /// Waiting for the network to have time.
  case queue
  /// The picture becomes the network's input.
  case preprocess
  /// The network's forward pass.
  case inference
  /// Beyond the forward pass: explanations that the frame waits for, and statistics of layers.
  case saliency
  case compose
  case encode
  /// From the encoded message until the kernel has sent nearly all of it.
  case send

  /// The spans of a job that writes every frame.
  package static let job: [Span] = [.decode, .preprocess, .inference, .saliency, .compose, .encode]
  /// The spans of a frame on its way to a viewer.
  package static let live: [Span] = [.capture, .queue, .preprocess, .inference, .saliency, .encode, .send]
}
