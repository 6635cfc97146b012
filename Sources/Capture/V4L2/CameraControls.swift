import CLinux
import Media
import Telemetry

/// One thing about a camera that can be set: exposure, focus, gain.
package struct CameraControl: Sendable, Hashable {
  /// What a control's value is.
  package enum Kind: String, Sendable { case integer, boolean, menu, button, bitmask }

  /// As users write it: the driver's name in small letters with underscores, as in "exposure_time_absolute".
  package let name: String
  package let label: String
  package let kind: Kind
  /// Smallest and largest value.
  package let range: ClosedRange<Int64>
  /// Values are the smallest one plus multiples of this.
  package let step: Int64
  /// The value after plugging in.
  package let standard: Int64
  package let value: Int64?
  /// The items of a menu, by value.
  package let menu: [Int64: String]
  /// It cannot be set now: because it can only be read, or because another control (such as an automatic) governs it.
  package let isLocked: Bool
  let id: UInt32
  let isWide: Bool
}

extension CameraDevice {
  /// The controls that can be set with a number, in the driver's order.
  var controls: [CameraControl] {
    var result: [CameraControl] = []
    var raw = v4l2_query_ext_ctrl()
    raw.id = UInt32(V4L2_CTRL_FLAG_NEXT_CTRL)
    // A broken driver may never end its list.
    while result.count < 1024, accepts(fovea_vidioc_query_ext_ctrl, &raw) {
      let id = raw.id
      if let control = control(raw) { result.append(control) }
      raw = v4l2_query_ext_ctrl()
      raw.id = id | UInt32(V4L2_CTRL_FLAG_NEXT_CTRL)
      if id == UInt32.max & ~UInt32(V4L2_CTRL_FLAG_NEXT_CTRL) { break }
    }
    return result
  }

  private static let kinds: [UInt32: CameraControl.Kind] = [
    V4L2_CTRL_TYPE_INTEGER.rawValue: .integer, V4L2_CTRL_TYPE_INTEGER64.rawValue: .integer,
    V4L2_CTRL_TYPE_BOOLEAN.rawValue: .boolean, V4L2_CTRL_TYPE_MENU.rawValue: .menu,
    V4L2_CTRL_TYPE_INTEGER_MENU.rawValue: .menu, V4L2_CTRL_TYPE_BUTTON.rawValue: .button,
    V4L2_CTRL_TYPE_BITMASK.rawValue: .bitmask,
  ]

  private func control(_ raw: v4l2_query_ext_ctrl) -> CameraControl? {
    guard let kind = Self.kinds[raw.type], raw.flags & UInt32(V4L2_CTRL_FLAG_DISABLED) == 0, raw.elems <= 1 else {
      return nil
    }
    let isWide = raw.type == V4L2_CTRL_TYPE_INTEGER64.rawValue
    var value: Int64 = 0
    let readable = kind != .button && fovea_camera_get_control(descriptor, raw.id, isWide ? 1 : 0, &value) >= 0
    let locks = UInt32(V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_GRABBED | V4L2_CTRL_FLAG_INACTIVE)
    let label = text(of: raw.name)
    return CameraControl(
      name: CameraControl.name(of: label), label: label, kind: kind,
      range: min(raw.minimum, raw.maximum)...max(raw.minimum, raw.maximum), step: Int64(clamping: max(raw.step, 1)),
      standard: raw.default_value,
      // The kernel returns 32 unsigned bits.
      value: readable ? (kind == .bitmask ? value & 0xffff_ffff : value) : nil, menu: kind == .menu ? menu(raw) : [:],
      isLocked: raw.flags & locks != 0, id: raw.id, isWide: isWide)
  }

  private func menu(_ raw: v4l2_query_ext_ctrl) -> [Int64: String] {
    var items: [Int64: String] = [:]
    guard raw.minimum >= 0, raw.maximum >= raw.minimum, raw.maximum - raw.minimum <= 1024 else { return items }
    for index in raw.minimum...raw.maximum {
      var name = [CChar](repeating: 0, count: 33)
      var value: Int64 = 0
      guard fovea_camera_menu_item(descriptor, raw.id, UInt32(index), &name, &value) >= 0 else { continue }
      let isNumber = raw.type == V4L2_CTRL_TYPE_INTEGER_MENU.rawValue
      items[index] = isNumber ? String(value) : String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }
    return items
  }

  /// Sets controls from words such as `exposure=200`; those that switch an automatic first, since they unlock others.
  func set(_ settings: [CameraSetting]) throws {
    for setting in settings {
      let known = controls
      guard let control = CameraControl.find(setting.name, among: known) else {
        let hint = suggestion(for: setting.name, among: known.map(\.name))
        throw UserError("the camera \(name) has no control '\(setting.name)'\(hint)", .usage)
      }
      let value = try control.value(of: setting.value, camera: name)
      let code = fovea_camera_set_control(descriptor, control.id, control.isWide ? 1 : 0, value)
      if code < 0 {
        let reason = control.isLocked ? "; another control governs it now (an automatic, as a rule)" : ""
        throw CameraError(-code, "cannot set \(control.name) to \(setting.value)\(reason) on the camera \(name)")
      }
    }
  }
}

/// `NAME=VALUE` of `--control`.
package struct CameraSetting: Sendable, Hashable {
  package let name: String
  /// A number, on or off, or an item of a menu.
  package let value: String

  package init(_ words: String) throws {
    let parts = words.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw UserError("a name and a value are needed, such as exposure=200", .usage)
    }
    (name, value) = (CameraControl.name(of: parts[0]), parts[1])
  }
}

extension CameraControl {
  /// "Exposure Time, Absolute" becomes "exposure_time_absolute".
  static func name(of label: String) -> String {
    label.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
  }

  /// The control of this name; the beginning of a name is enough where only one begins so.
  static func find(_ name: String, among controls: [CameraControl]) -> CameraControl? {
    if let exact = controls.first(where: { $0.name == name }) { return exact }
    let beginning = controls.filter { $0.name.hasPrefix(name) }
    return beginning.count == 1 ? beginning[0] : nil
  }

  /// The number that the words mean.
  func value(of words: String, camera: String) throws -> Int64 {
    let lower = words.lowercased()
    if let item = menu.first(where: { $0.value.lowercased() == lower }) { return item.key }
    if kind == .boolean, let value = ["on": 1, "off": 0, "true": 1, "false": 0, "yes": 1, "no": 0][lower] {
      return Int64(value)
    }
    guard let number = Int64(words), kind != .menu || menu[number] != nil, range.contains(number) || kind == .button
    else {
      let items = menu.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
      let allowed = menu.isEmpty ? "\(range.lowerBound) to \(range.upperBound)" : items
      throw UserError("'--control \(name)=\(words)': the camera \(camera) takes \(allowed)", .usage)
    }
    return number
  }
}
