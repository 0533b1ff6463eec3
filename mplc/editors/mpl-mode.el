;;; mpl-mode.el --- packet formats for mplc(1)  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: ISC

;;; Commentary:
;; In the init file: (require 'mpl-mode), with this file's folder in `load-path'.
;; `compile' runs mplc --check on the file and finds its errors.

;;; Code:

(defconst mpl-structure-words
  '("packet" "struct" "typedef" "import" "option" "const" "classify" "when"
    "variant" "array" "list" "chain" "of" "until")
  "Words that make statements of MPL.")

(defconst mpl-attribute-words
  '("value" "default" "min" "max" "align" "checksum" "optional" "internet"
    "crc32" "byte_order" "bit_order" "little" "big" "lsb" "msb")
  "Attributes and what is said in them.")

(defconst mpl-function-words
  '("offset" "start" "sizeof" "array_length" "remaining" "total")
  "Functions of expressions.")

(defconst mpl-type-words
  '("bit" "bit_msb" "bit_lsb" "byte" "uint16" "uint24" "uint32" "uint48"
    "uint64" "uint128" "uint16be" "uint24be" "uint32be" "uint48be" "uint64be"
    "uint128be" "uint16le" "uint24le" "uint32le" "uint48le" "uint64le"
    "uint128le" "int8" "int16" "int32" "int64" "int16be" "int32be" "int64be"
    "int16le" "int32le" "int64le" "boolean" "string8" "string16" "string32"
    "cstring" "mpint" "dns_label" "dns_label_comp" "label" "ipv4" "ipv6" "mac" "bool"
    "int" "integer" "pseudo")
  "Types of fields and of parameters.")

(defconst mpl-boolean-words
  '("true" "false")
  "Constants.")

(defvar mpl-font-lock-keywords
  `((,(regexp-opt mpl-structure-words 'symbols) . font-lock-keyword-face)
    (,(regexp-opt mpl-attribute-words 'symbols) . font-lock-builtin-face)
    (,(regexp-opt mpl-function-words 'symbols) . font-lock-function-name-face)
    (,(regexp-opt mpl-type-words 'symbols) . font-lock-type-face)
    (,(regexp-opt mpl-boolean-words 'symbols) . font-lock-constant-face)
    ("\\_<[A-Z][A-Za-z0-9_']*\\_>" . font-lock-constant-face)
    ("\\_<\\([a-z_][A-Za-z0-9_']*\\)[ \t]*:" 1 font-lock-variable-name-face))
  "What is coloured in `mpl-mode'.")

(defvar mpl-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 124" table)
    (modify-syntax-entry ?* ". 23bn" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?' "_" table)
    (modify-syntax-entry ?\\ "." table)
    table)
  "Comments of both kinds; those between /* and */ nest. Strings have no escapes.")

(defun mpl-indent-line ()
  "Indent the line by a tab for each open brace; arms stand below their classify."
  (interactive)
  (let ((depth (save-excursion
                 (back-to-indentation)
                 (- (car (syntax-ppss)) (if (looking-at-p "[]})]\\||.*:\"") 1 0)))))
    (save-excursion
      (indent-line-to (* tab-width (max 0 depth))))
    (when (< (current-column) (current-indentation))
      (back-to-indentation))))

;;;###autoload
(define-derived-mode mpl-mode prog-mode "MPL"
  "Packet formats for the compiler mplc."
  (setq-local font-lock-defaults '(mpl-font-lock-keywords))
  (setq-local comment-start "// ")
  (setq-local comment-end "")
  (setq-local indent-tabs-mode t)
  (setq-local indent-line-function #'mpl-indent-line)
  (when buffer-file-name
    (setq-local compile-command
                (concat "mplc --check " (shell-quote-argument (file-name-nondirectory buffer-file-name))))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.mpl\\'" . mpl-mode))

(provide 'mpl-mode)
;;; mpl-mode.el ends here
